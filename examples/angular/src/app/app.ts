import { Component } from '@angular/core';
import { RouterLink, RouterOutlet } from '@angular/router';

@Component({
  selector: 'app-root',
  imports: [RouterLink, RouterOutlet],
  template: `
    <header>
      <h1><a routerLink="/">decart-rx</a></h1>
      <p>in Angular</p>
    </header>
    <router-outlet />
  `,
})
export class App {}

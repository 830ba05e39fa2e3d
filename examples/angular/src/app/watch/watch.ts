import { Component, input } from '@angular/core';
import { DecartStream, injectDecartViewer } from 'decart-rx/angular';

/** Someone else's session. */
@Component({
  selector: 'app-watch',
  imports: [DecartStream],
  template: `
    <main>
      <p class="bar"><span class="badge" role="status" [attr.data-state]="viewer.status()">{{ viewer.status() }}</span></p>
      @if (viewer.error(); as failure) {
        <p class="notice" role="alert">
          {{ failure.message }} <button type="button" (click)="viewer.retry()">Try again</button>
        </p>
      }
      <section class="stage" aria-label="Video">
        <figure class="out"><video [decartStream]="viewer" muted aria-label="The session"></video></figure>
      </section>
    </main>
  `,
})
export class Watch {
  /** The subscribe token, from the route. */
  readonly token = input.required<string>();
  protected readonly viewer = injectDecartViewer(this.token);
}

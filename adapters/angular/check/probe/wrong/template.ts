// Must not compile: each line that is marked is an error, and nothing else is.
import { Component } from '@angular/core';
import { DecartStream, injectDecartCamera, injectDecartSession } from 'decart-rx/angular';

@Component({
  selector: 'app-wrong',
  imports: [DecartStream],
  template: `
    <video [decartStream]="session"></video>
    <video [decartStream]="camera.stream()" muted></video>
    <video [decartStream]="null"></video>
    <video [decartStream]="5"></video><!-- wrong -->
    <video [decartStream]="session" (playbackRefused)="takesNumber($event)"></video><!-- wrong -->
  `,
})
export class Wrong {
  readonly session = injectDecartSession({ connect: () => ({ model: 'lucy-2.1' }), prompt: () => 'rain' });
  readonly camera = injectDecartCamera(() => null);

  takesNumber(value: number): number {
    return value;
  }
}

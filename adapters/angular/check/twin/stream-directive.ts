// What stream-directive.ts declares by hand, as an Angular author would write it. run.mjs compiles it with ngc and
// compares the two.
import { booleanAttribute, Directive, input, output } from '@angular/core';

@Directive({ selector: 'video[decartStream]' })
export class DecartStream {
  readonly decartStream = input<unknown>(null);
  readonly muted = input(null, { transform: booleanAttribute });
  readonly playbackRefused = output<Error>();
}

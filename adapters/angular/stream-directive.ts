// Declared by hand as ngc declares a directive for libraries: this package is compiled by tsc alone. The app's own
// build turns the declarations into code. check/twin is the same directive with its decorator.

import * as i0 from '@angular/core';
import {
  booleanAttribute,
  DestroyRef,
  ElementRef,
  effect,
  inject,
  input,
  NgZone,
  output,
  PLATFORM_ID,
  type Signal,
  untracked,
} from '@angular/core';
import { concat, NEVER, of } from 'rxjs';
import type { DecartError } from '../../core/errors.js';
import { type AttachOptions, attachStream, isShown } from '../../transports/media/browser/attach.js';

/** A stream that plays itself in an element: a remote one, or a local one as a preview. */
export interface AttachableStream {
  /** What the element shows then. Absent: a stream of memory, which has none. */
  readonly mediaStream?: MediaStream;
  /** Plays it in an element. Returns what detaches it. */
  attach(video: HTMLVideoElement, options?: AttachOptions): () => void;
}

/** What goes on when its connection is lost: a session or a viewer. */
export interface StreamHolder {
  /** `disconnected`: it is over, and its last picture goes. */
  readonly status: Signal<string>;
  /** `null` while there is nothing new to show. */
  readonly remoteStream: Signal<AttachableStream | null>;
}

/** What `video[decartStream]` shows. */
export type DecartStreamSource = StreamHolder | AttachableStream | MediaStream | null | undefined;

// Angular's types leave out the version that its linker asks for.
type FactoryDeclaration = Parameters<typeof i0.ɵɵngDeclareFactory>[0];
type DirectiveDeclaration = Parameters<typeof i0.ɵɵngDeclareDirective>[0];

/**
 * Shows a session, a viewer or a stream in a video element. A session's last picture stays while it reconnects.
 *
 * @example
 * ```html
 * <video [decartStream]="session" (playbackRefused)="needsClick.set(true)"></video>
 * <video [decartStream]="camera.stream()" muted></video>
 * ```
 */
export class DecartStream {
  /** What is shown; `null`: nothing. */
  readonly decartStream = input<DecartStreamSource>(null);
  /** Whether it is silent. Set as a property: the attribute alone does not mute an element that Angular makes. */
  readonly muted = input<boolean | null, unknown>(null, { transform: booleanAttribute });
  /** The browser does not play before the user has done anything: call `play()` on the element from a click. */
  readonly playbackRefused = output<DecartError>();

  /** For Angular's compiler. */
  static ɵfac: i0.ɵɵFactoryDeclaration<DecartStream, never> = i0.ɵɵngDeclareFactory({
    minVersion: '12.0.0',
    version: '20.3.32',
    ngImport: i0,
    type: DecartStream,
    deps: [],
    target: i0.ɵɵFactoryTarget.Directive,
  } as FactoryDeclaration);
  /** For Angular's compiler. */
  static ɵdir: i0.ɵɵDirectiveDeclaration<
    DecartStream,
    'video[decartStream]',
    never,
    {
      decartStream: { alias: 'decartStream'; required: false; isSignal: true };
      muted: { alias: 'muted'; required: false; isSignal: true };
    },
    { playbackRefused: 'playbackRefused' },
    never,
    never,
    true,
    never
  > = i0.ɵɵngDeclareDirective({
    minVersion: '17.1.0',
    version: '20.3.32',
    type: DecartStream,
    isStandalone: true,
    selector: 'video[decartStream]',
    inputs: {
      decartStream: {
        classPropertyName: 'decartStream',
        publicName: 'decartStream',
        isSignal: true,
        isRequired: false,
        transformFunction: null,
      },
      muted: {
        classPropertyName: 'muted',
        publicName: 'muted',
        isSignal: true,
        isRequired: false,
        transformFunction: null,
      },
    },
    outputs: { playbackRefused: 'playbackRefused' },
    ngImport: i0,
  } as DirectiveDeclaration);

  constructor() {
    // Server rendering has no element that plays.
    if (inject(PLATFORM_ID) !== 'browser') return;
    const video = inject<ElementRef<HTMLVideoElement>>(ElementRef).nativeElement;
    const zone = inject(NgZone);
    const shown = new ShownStream(video, (error) => this.playbackRefused.emit(error));
    let before: DecartStreamSource = null;
    effect(() => {
      const muted = this.muted();
      if (muted !== null) video.muted = muted;
    });
    effect(() => {
      const source = this.decartStream() ?? null;
      const stream = source !== null && isHolder(source) ? source.remoteStream() : source;
      const isReconnecting =
        source === before && source !== null && isHolder(source) && source.status() !== 'disconnected';
      before = source;
      untracked(() => zone.runOutsideAngular(() => shown.show(stream, !isReconnecting)));
    });
    inject(DestroyRef).onDestroy(() => shown.show(null, true));
  }
}

/** What an element shows. */
class ShownStream {
  #stream: AttachableStream | MediaStream | null = null;
  #detach: () => void = () => undefined;

  constructor(
    readonly video: HTMLVideoElement,
    readonly onPlaybackRefused: (error: DecartError) => void,
  ) {}

  /** `isOver`: without a stream, the last picture goes, too. */
  show(stream: AttachableStream | MediaStream | null, isOver: boolean): void {
    if (stream === this.#stream || (stream === null && !isOver)) return;
    const detach = this.#detach;
    this.#stream = stream;
    if (stream === null) {
      this.#detach = () => undefined;
      detach();
      return;
    }
    // A session's streams follow each other by themselves, and then it is there already.
    if ('attach' in stream && stream.mediaStream && isShown(this.video, stream.mediaStream)) return;
    this.#detach =
      'attach' in stream
        ? stream.attach(this.video, { onPlaybackRefused: this.onPlaybackRefused })
        : attachStream(this.video, concat(of(stream), NEVER), this.onPlaybackRefused);
    detach();
  }
}

const isHolder = (source: NonNullable<DecartStreamSource>): source is StreamHolder => 'remoteStream' in source;

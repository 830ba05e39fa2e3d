import { computed, effect, type Signal, signal, untracked } from '@angular/core';
import { BehaviorSubject, Subscription, skipWhile } from 'rxjs';
import type { DecartError } from '../../core/errors.js';
import type { ConnectionQualityReport } from '../../core/quality/smooth.js';
import type { ConnectOptions } from '../../core/session/client/options.js';
import type { RealtimeSession } from '../../core/session/client/realtime-client.js';
import type { QueuePosition } from '../../core/session/machine/select.js';
import type { ConnectionState } from '../../core/session/machine/state.js';
import type { BrowserLocalStream, BrowserRemoteStream } from '../browser/index.js';
import { isLiveState, keepPrompt } from './prompt.js';
import { type InjectorOption, injectorOf, Wanted } from './wanted.js';

/** What a session is connected with: the options of `realtime.connect()`, and the video that goes in. */
export interface DecartConnect extends ConnectOptions<BrowserRemoteStream> {
  /** It stays the caller's: never stopped, ended or changed. @default a camera of the session's own */
  readonly localStream?: BrowserLocalStream | MediaStream | null | undefined;
}

/** What a session follows. */
export interface DecartSessionOptions extends InjectorOption {
  /**
   * The session that is wanted; `null`: none. Signals that are read inside are followed, and each new object is a new
   * session, so read here what a session cannot change: not the prompt.
   */
  readonly connect: () => DecartConnect | null;
  /**
   * The prompt that is wanted. It goes out with the connect, unless that has an `initialPrompt`, and whenever it changes;
   * the latest one wins. Blank ones are not sent.
   */
  readonly prompt?: (() => string) | undefined;
  /** How long the prompt has to stay as it is before it is sent. Milliseconds. @default 300 */
  readonly promptDebounceMs?: number | undefined;
}

/** A session as signals. */
export interface DecartSession {
  /** `connecting` from the moment a session is wanted. */
  readonly status: Signal<ConnectionState>;
  /** Whether video is coming back: `connected` or `generating`. */
  readonly isLive: Signal<boolean>;
  /** What comes back; `null` while nothing does, over a reconnect too. `video[decartStream]` takes the whole session. */
  readonly remoteStream: Signal<BrowserRemoteStream | null>;
  /** What goes in. */
  readonly localStream: Signal<BrowserLocalStream | null>;
  /** `null` while not waiting in the queue. */
  readonly queuePosition: Signal<QueuePosition | null>;
  /** The last verdict on the connection; `null` when there is none. */
  readonly quality: Signal<ConnectionQualityReport | null>;
  /** The latest error, whichever way it came; `null` again with the next connect. */
  readonly error: Signal<DecartError | null>;
  /** Whether the wanted prompt is not in force yet. `false` while no session is wanted. */
  readonly promptPending: Signal<boolean>;
  /** The session itself, for its calls and observables; `null` while there is none. */
  readonly session: Signal<RealtimeSession<BrowserLocalStream, BrowserRemoteStream> | null>;
  /** Connects again after a session has ended or failed. Does nothing while there is one, or none is wanted. */
  retry(): void;
}

/**
 * A session that follows signals. It ends when `connect` gives `null` and with the component or service that asked for
 * it. One client has one session: a newer one, of another component too, ends this one.
 *
 * Call it in an injection context, or give it an `injector`. On a server it stays `disconnected`.
 *
 * @throws Error when there is no `provideDecart()`
 *
 * @example
 * ```ts
 * import { signal } from '@angular/core';
 * import { injectDecartSession } from 'decart-rx/angular';
 *
 * export class Studio {
 *   readonly on = signal(false);
 *   readonly prompt = signal('Watercolor at dawn');
 *   readonly session = injectDecartSession({
 *     connect: () => (this.on() ? { model: 'lucy-2.1' } : null),
 *     prompt: this.prompt,
 *   });
 * }
 * ```
 */
export function injectDecartSession(options: DecartSessionOptions): DecartSession {
  const { connect, prompt: promptOf = () => '', promptDebounceMs = 300 } = options;
  const injector = injectorOf(injectDecartSession, options);
  const status = signal<ConnectionState>('disconnected');
  const remoteStream = signal<BrowserRemoteStream | null>(null);
  const localStream = signal<BrowserLocalStream | null>(null);
  const queuePosition = signal<QueuePosition | null>(null);
  const quality = signal<ConnectionQualityReport | null>(null);
  const session = signal<RealtimeSession<BrowserLocalStream, BrowserRemoteStream> | null>(null);
  /** The prompt in force, or one that was refused. */
  const settledPrompt = signal<string | null>(null);
  const prompt = computed(() => promptOf().trim());
  const promptSubject = new BehaviorSubject('');

  const reset = (): void => {
    status.set('disconnected');
    for (const each of [remoteStream, localStream, queuePosition, quality, session, settledPrompt]) each.set(null);
  };

  const run = ({ localStream: given, ...rest }: DecartConnect): Subscription => {
    const { client, scheduler } = wanted.context;
    const { realtime } = client;
    const text = untracked(prompt);
    const initialPrompt = rest.initialPrompt ?? (text === '' ? undefined : { text });
    const running = new Subscription(reset);
    status.set('connecting');

    let said: DecartError | null = null;
    const errors = realtime.errors$.subscribe((error) => {
      said = error;
      wanted.show(error);
    });
    // The client may say what ended the session right after the session has said so.
    running.add(() => queueMicrotask(() => errors.unsubscribe()));
    running.add(
      realtime.session$(initialPrompt ? { ...rest, initialPrompt } : rest, given).subscribe({
        next: (live) => {
          session.set(live);
          settledPrompt.set(initialPrompt?.text ?? null);
          const kept = {
            wanted$: promptSubject,
            connectionState$: live.connectionState$,
            debounceMs: promptDebounceMs,
            scheduler,
            settled: settledPrompt,
            settle: settledPrompt.set,
            onRefused: (error: unknown) => wanted.fail(error),
          };
          running.add(keepPrompt(live, kept).subscribe());
        },
        error: (cause: DecartError) => {
          running.unsubscribe();
          queueMicrotask(() => {
            if (said?.code !== cause.code || said.message !== cause.message) wanted.fail(cause);
          });
        },
        complete: () => running.unsubscribe(),
      }),
    );
    if (running.closed) return running;
    // Until the client is loaded, and before the connect is under way, there is no session to speak of.
    const state$ = realtime.connectionState$.pipe(skipWhile((state) => state === 'disconnected'));
    running.add(state$.subscribe(status.set));
    running.add(realtime.remoteStream$.subscribe(remoteStream.set));
    running.add(realtime.localStream$.subscribe(localStream.set));
    running.add(realtime.queuePosition$.subscribe(queuePosition.set));
    running.add(realtime.quality$.subscribe(quality.set));
    return running;
  };

  // Before the session, which begins with the present prompt.
  effect(() => promptSubject.next(prompt()), { injector });
  const wanted: Wanted<DecartConnect> = new Wanted(injector, 'injectDecartSession()', connect, run);

  return {
    status: status.asReadonly(),
    isLive: computed(() => isLiveState(status())),
    remoteStream: remoteStream.asReadonly(),
    localStream: localStream.asReadonly(),
    queuePosition: queuePosition.asReadonly(),
    quality: quality.asReadonly(),
    error: wanted.error,
    promptPending: computed(() => status() !== 'disconnected' && prompt() !== '' && prompt() !== settledPrompt()),
    session: session.asReadonly(),
    retry: () => wanted.retry(),
  };
}

import { type Observable, type Subscription, skip, take } from 'rxjs';
import type { DecartClient } from '../../core/compose-client.js';
import type { ImageInput } from '../../core/ports/platform.js';
import { createMemoryLocalStream } from '../../transports/memory/index.js';
import type { ModelCall, ModelObserver } from './observer.js';
import type { ModelStep } from './schedule.js';

export type CallerStep = Exclude<ModelStep, { type: 'wait' | 'jump' | 'echo' | 'fault' }>;

export interface CallerDeps {
  readonly client: DecartClient;
  readonly observer: ModelObserver;
  guarded<A extends unknown[]>(job: (...args: A) => void): (...args: A) => void;
  note(line: string): void;
}

/** Whoever uses the client, in whatever order. */
export interface ModelCaller {
  act(step: CallerStep): void;
  /** The last call of all. */
  end(): void;
}

interface Watched {
  readonly call: ModelCall;
  readonly subscription: Subscription;
}

const texts = ['a', 'b', 'c'] as const;

const images: readonly (ImageInput | null)[] = [
  null,
  'FRST',
  'SCND',
  'https://images.test/slow',
  'https://images.test/missing',
  'file_1',
];

export function createModelCaller({ client, observer, guarded, note }: CallerDeps): ModelCaller {
  const { realtime } = client;
  const pending: Watched[] = [];
  function watch(name: string, source: Observable<unknown>, isRequest: boolean): Watched {
    const call: ModelCall = {
      name: `${name} #${observer.calls.length}`,
      requestId: null,
      isGivenUp: false,
      isLive: false,
      settled: 0,
    };
    // A connect is no request: it is never looked up among them.
    if (!isRequest) call.requestId = -1;
    observer.calls.push(call);
    const settle = (isDone: boolean, code: string): void => {
      note(`  = ${call.name} ${code}`);
      observer.settled(call, isDone && isRequest);
    };
    const subscription = source.subscribe({
      next: () => {
        call.isLive = true;
      },
      error: guarded((error: { code?: string }) => settle(false, error.code ?? String(error))),
      complete: guarded(() => settle(true, 'done')),
    });
    const watched = { call, subscription };
    if (isRequest && !subscription.closed) {
      pending.push(watched);
      subscription.add(() => pending.splice(pending.indexOf(watched), 1));
    }
    return watched;
  }

  let isEnding = false;
  let latest: (Watched & { controller: AbortController }) | null = null;
  function connect(wish: number): void {
    observer.mustBeOver = false;
    const has = (bit: number): boolean => (wish & bit) !== 0;
    const controller = new AbortController();
    const session$ = realtime.session$(
      {
        model: 'lucy-2.1',
        signal: controller.signal,
        recoverStalledAfterMs: false,
        holdUntilInitialState: !has(8),
        publishCamera: has(16),
        ...(has(1) && { initialPrompt: { text: texts[wish % 3] ?? 'a' } }),
        ...(has(2) && { initialImage: (wish & 1) === 0 ? 'INIT' : 'https://images.test/slow' }),
        ...(has(4) && { handshake: 'bundled' as const }),
        ...(has(32) && { reconnect: { retries: 1, jitter: 0.3 } }),
      },
      has(16) ? undefined : createMemoryLocalStream(),
    );
    latest = { controller, ...watch('connect', session$, false) };
  }

  function giveUp({ call, subscription }: Watched): void {
    if (call.settled === 0) call.isGivenUp = true;
    subscription.unsubscribe();
  }

  function act(step: CallerStep): void {
    switch (step.type) {
      case 'connect':
        return connect(step.wish);
      case 'disconnect':
        observer.mustBeOver = true;
        return void realtime.disconnect();
      case 'release':
        return void client.release();
      case 'leave':
        return latest === null ? undefined : giveUp(latest);
      case 'abort':
        return latest?.controller.abort();
      case 'prompt': {
        const text = texts[step.text] ?? 'a';
        const options = step.timeoutMs === null ? {} : { timeoutMs: step.timeoutMs };
        return void watch(`prompt ${text}`, realtime.setPrompt$(text, options), true);
      }
      case 'image': {
        const image = images[step.kind % images.length] ?? null;
        const options = step.kind >= images.length ? { prompt: step.kind % 2 ? null : 'b' } : {};
        return void watch(`image ${String(image)}`, realtime.setImage$(image, options), true);
      }
      case 'cancel': {
        const found = pending[step.which % Math.max(1, pending.length)];
        return found && giveUp(found);
      }
      case 'reenter': {
        realtime.state$.pipe(skip(1), take(1)).subscribe(() => {
          if (isEnding) return;
          if (step.call === 'connect') connect(1);
          if (step.call === 'disconnect') act({ type: 'disconnect' });
          if (step.call === 'connectThenDisconnect') {
            connect(1);
            act({ type: 'disconnect' });
          }
          if (step.call === 'prompt') act({ type: 'prompt', text: 0, timeoutMs: null });
          if (step.call === 'promptCancelled') {
            act({ type: 'prompt', text: 0, timeoutMs: null });
            act({ type: 'cancel', which: pending.length - 1 });
          }
          if (step.call === 'connectCancelled') {
            connect(0);
            act({ type: 'leave' });
          }
        });
        return;
      }
    }
  }

  return {
    act,
    end() {
      isEnding = true;
      act({ type: 'disconnect' });
    },
  };
}

import { type Observable, type Subscription, skip, take } from 'rxjs';
import type { DecartClient } from '../../core/compose-client.js';
import type { RealtimeSession } from '../../core/session/client/realtime-client.js';
import { createMemoryLocalStream } from '../../transports/memory/index.js';
import type { ModelCall } from './calls.js';
import { inputOf } from './images.js';
import type { ModelObserver } from './observer.js';
import { type ImageKind, type ModelStep, riders } from './schedule.js';
import { type WatchedSession, watchSession } from './session-watch.js';

export type CallerStep = Exclude<ModelStep, { type: 'wait' | 'jump' | 'echo' | 'fault' }>;

export interface CallerDeps {
  readonly client: DecartClient;
  readonly observer: ModelObserver;
  guarded<A extends unknown[]>(job: (...args: A) => void): (...args: A) => void;
  note(line: string): void;
  now(): number;
}

/** The caller: it uses the client in any order. */
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

const unreadable = (isEndless: boolean): string => `https://images.test/${isEndless ? 'endless' : 'missing'}`;

const defaultLimitMs = { connect: Number.POSITIVE_INFINITY, prompt: 15_000, image: 30_000 } as const;

export function createModelCaller({ client, observer, guarded, note, now }: CallerDeps): ModelCaller {
  const { realtime } = client;
  const pending: Watched[] = [];
  function newCall(name: string, kind: ModelCall['kind'], limitMs: number | null): ModelCall {
    const call: ModelCall = {
      name: `${name} #${observer.calls.length}`,
      kind,
      // A connect is no request: it is never looked up among them.
      requestId: kind === 'connect' ? -1 : null,
      startMs: now(),
      limitMs: limitMs ?? defaultLimitMs[kind],
      readyMs: null,
      endMs: null,
      isGivenUp: false,
      isLive: false,
      settled: 0,
      isDone: false,
    };
    observer.calls.push(call);
    return call;
  }

  function watch(call: ModelCall, source: Observable<unknown>): Watched {
    const isRequest = call.kind !== 'connect';
    let watchedSession: WatchedSession | null = null;
    const settle = (isDone: boolean, code: string): void => {
      note(`  = ${call.name} ${code}`);
      observer.settled(call, isDone && isRequest, code);
    };
    const subscription = source.subscribe({
      next: (session) => {
        call.isLive = true;
        watchedSession = watchSession(session as RealtimeSession);
        observer.sessions.push(watchedSession);
      },
      error: guarded((error: { code?: string }) => {
        watchedSession?.over();
        settle(false, error.code ?? String(error));
      }),
      complete: guarded(() => {
        watchedSession?.over();
        settle(true, 'done');
      }),
    });
    subscription.add(() => watchedSession?.over());
    const watched = { call, subscription };
    if (isRequest && !subscription.closed) {
      pending.push(watched);
      subscription.add(() => pending.splice(pending.indexOf(watched), 1));
    }
    return watched;
  }

  let isEnding = false;
  let isReleased = false;
  let lastText = 0;
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
        ...(has(2) && {
          initialImage: has(64)
            ? unreadable(has(1))
            : has(1)
              ? `https://images.test/${wish % 3 === 0 ? 'slow' : 'crawling'}`
              : 'INIT',
        }),
        ...(has(512) ? { transport: 'webrtc' as const } : has(4) && { handshake: 'bundled' as const }),
        ...(has(128) && { limits: { maxSeconds: 3, idleMs: 60_000 } }),
        ...(has(256) && { whenFull: 'wait' as const }),
        ...(has(32) && { reconnect: { retries: 1, jitter: 0.3 } }),
      },
      has(16) || (has(512) && has(4)) ? undefined : createMemoryLocalStream(),
    );
    latest = { controller, ...watch(newCall('connect', 'connect', null), session$) };
  }

  function giveUp({ call, subscription }: Watched): void {
    if (call.settled === 0) {
      call.isGivenUp = true;
      call.endMs = now();
    }
    subscription.unsubscribe();
  }

  const limit = ({ timeoutMs }: { timeoutMs: number | null }) => (timeoutMs === null ? {} : { timeoutMs });

  /** It gives a promise, for which virtual time does not wait: the loop's steps say how it ends. */
  function set(image: ImageKind | null, prompt: string | null | undefined, timeoutMs: number | null): void {
    if (isReleased || (image === null && typeof prompt !== 'string')) return;
    const call = newCall(`set ${image} ${prompt}`, image === null ? 'prompt' : 'image', timeoutMs);
    observer.followed.add(call);
    const options = limit({ timeoutMs });
    const asked =
      image !== null
        ? realtime.set({ ...options, prompt, image: inputOf(image) })
        : realtime.set({ ...options, prompt: prompt ?? '' });
    asked.catch(() => undefined);
  }

  function act(step: CallerStep): void {
    switch (step.type) {
      case 'connect':
        return connect(step.wish);
      case 'disconnect':
        observer.mustBeOver = true;
        return void realtime.disconnect();
      case 'release':
        isReleased = true;
        return void client.release();
      case 'leave':
        return latest === null ? undefined : giveUp(latest);
      case 'abort':
        return latest?.controller.abort();
      case 'prompt': {
        lastText = step.text;
        const text = texts[step.text] ?? 'a';
        return void watch(newCall(`prompt ${text}`, 'prompt', step.timeoutMs), realtime.setPrompt$(text, limit(step)));
      }
      case 'again':
        return act({ type: 'prompt', text: lastText, timeoutMs: 1000 });
      case 'image': {
        const prompt = riders[step.text];
        const options = { ...limit(step), ...(prompt !== undefined && { prompt }) };
        const call = newCall(`image ${step.image} ${prompt}`, 'image', step.timeoutMs);
        return void watch(call, realtime.setImage$(inputOf(step.image), options));
      }
      case 'set':
        return set(step.image, riders[step.text], step.timeoutMs);
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

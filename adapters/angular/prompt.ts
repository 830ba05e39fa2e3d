import {
  catchError,
  combineLatest,
  debounceTime,
  defer,
  distinctUntilChanged,
  EMPTY,
  map,
  merge,
  type Observable,
  type SchedulerLike,
  skip,
  switchMap,
  take,
  tap,
} from 'rxjs';
import { type ErrorCode, isDecartError } from '../../core/errors.js';
import type { SessionCalls } from '../../core/session/client/session-calls.js';
import type { ConnectionState } from '../../core/session/machine/state.js';

export const isLiveState = (state: ConnectionState): boolean => state === 'connected' || state === 'generating';

/** A request that ends like this has said nothing about its prompt: it goes out again when the session is back. */
const lostConnection: readonly ErrorCode[] = [
  'WEBRTC_WEBSOCKET_ERROR',
  'WEBRTC_ICE_ERROR',
  'WEBRTC_SIGNALING_ERROR',
  'ABORTED',
];

export interface KeptPrompt {
  /** State-like: the prompt that is wanted; `''`: none. */
  readonly wanted$: Observable<string>;
  readonly connectionState$: Observable<ConnectionState>;
  readonly debounceMs: number;
  readonly scheduler: SchedulerLike;
  /** What is in force, or was refused; `null`: unknown. */
  settled(): string | null;
  settle(prompt: string | null): void;
  onRefused(error: unknown): void;
}

/**
 * Sends the prompt that is wanted whenever it is not the one in force and the session can take it: once it has stayed
 * the same for a while, and the latest one only. Never emits; lasts until it is unsubscribed from.
 */
export function keepPrompt({ setPrompt$ }: Pick<SessionCalls, 'setPrompt$'>, prompt: KeptPrompt): Observable<never> {
  const { wanted$, debounceMs, scheduler } = prompt;
  const edited$ = wanted$.pipe(skip(1), debounceTime(debounceMs, scheduler));
  const isLive$ = prompt.connectionState$.pipe(map(isLiveState), distinctUntilChanged());
  return combineLatest([merge(wanted$.pipe(take(1)), edited$), isLive$]).pipe(
    switchMap(([text, isLive]) => {
      if (!isLive || text === '' || text === prompt.settled()) return EMPTY;
      return defer(() => {
        prompt.settle(null);
        return setPrompt$(text);
      }).pipe(
        tap({ complete: () => prompt.settle(text) }),
        catchError((error: unknown) => {
          if (isDecartError(error) && lostConnection.includes(error.code)) return EMPTY;
          prompt.settle(text);
          prompt.onRefused(error);
          return EMPTY;
        }),
      );
    }),
  );
}

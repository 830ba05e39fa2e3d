import { catchError, EMPTY, mergeMap, type OperatorFunction, tap, throwError } from 'rxjs';
import { isDecartError } from '../../errors.js';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import type { ConnectOptions } from './options.js';
import type { RealtimeSession, SwitchCalls } from './realtime-client.js';

/**
 * A session for the latest options: each comes up behind the one before it and takes its place with its first frame.
 * Emits each session when it is shown. Unsubscribing ends the session; a switch that fails keeps the previous session
 * and emits the diagnostic `seamlessSwitch`; it errors only when there is no session to keep.
 *
 * @example
 * ```ts
 * import { seamlessSwitch } from 'decart-rx';
 * import type { DecartClient } from 'decart-rx/browser';
 * import { map, type Observable } from 'rxjs';
 *
 * export const follow = (client: DecartClient, model$: Observable<string>, camera: MediaStream) =>
 *   model$.pipe(map((model) => ({ model })), seamlessSwitch(client.realtime, camera));
 * ```
 */
export function seamlessSwitch<L extends LocalStream, R extends RemoteStream>(
  realtime: SwitchCalls<L, R>,
  localStream?: object | null,
): OperatorFunction<ConnectOptions<R>, RealtimeSession<L, R>> {
  return (options$) => {
    let isShown = false;
    return options$.pipe(
      mergeMap((options) =>
        realtime.switchTo$(options, localStream).pipe(
          tap(() => {
            isShown = true;
          }),
          catchError((error: unknown) =>
            isShown || (isDecartError(error) && error.code === 'ABORTED') ? EMPTY : throwError(() => error),
          ),
        ),
      ),
    );
  };
}

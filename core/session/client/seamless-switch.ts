import { catchError, defer, EMPTY, mergeMap, type OperatorFunction, tap, throwError } from 'rxjs';
import { isDecartError } from '../../errors.js';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import type { ConnectOptions } from './options.js';
import type { RealtimeSession, SwitchCalls } from './realtime-client.js';

/**
 * A session for the latest options: each comes up behind the one before it and takes its place with its first frame.
 * Emits each session when it is shown. Unsubscribing ends the session; a switch that fails keeps the previous session
 * and emits the diagnostic `seamlessSwitch`. It errors when its only session is lost, or when none comes up.
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
  return (options$) =>
    defer(() => {
      /** Sessions that are shown or on their way. */
      let count = 0;
      return options$.pipe(
        mergeMap((options) => {
          count += 1;
          return realtime.switchTo$(options, localStream).pipe(
            tap({
              error: () => (count -= 1),
              complete: () => (count -= 1),
            }),
            catchError((error: unknown) =>
              count > 0 || (isDecartError(error) && error.code === 'ABORTED') ? EMPTY : throwError(() => error),
            ),
          );
        }),
      );
    });
}

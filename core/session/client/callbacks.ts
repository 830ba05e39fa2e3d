import { take } from 'rxjs';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import type { SessionLoop } from '../runtime/loop.js';
import type { SessionCore } from './cores.js';
import type { ConnectOptions } from './options.js';

/** Calls a callback of the caller's. One that throws is an error of its own, and ends nothing. */
export function invoke(
  { report }: Pick<SessionLoop<never, never>, 'report'>,
  name: string,
  callback: () => void,
): void {
  try {
    callback();
  } catch (cause) {
    report({ type: 'error', failure: { code: 'CALLBACK_ERROR', message: `The callback ${name} threw.`, cause } });
  }
}

/** Callbacks that are not called for a session before it is shown; `callBack` then calls them with its present values. */
export function callbacksOf<L extends LocalStream, R extends RemoteStream>(
  options: ConnectOptions<R>,
  isShown: () => boolean,
): { readonly shown: ConnectOptions<R>; callBack(core: SessionCore<L, R>): void } {
  const { onRemoteStream, onConnectionQuality } = options;
  return {
    shown: {
      ...options,
      ...(onRemoteStream && { onRemoteStream: (stream: R) => isShown() && onRemoteStream(stream) }),
      ...(onConnectionQuality && {
        onConnectionQuality: (report) => isShown() && onConnectionQuality(report),
      }),
    },
    callBack: ({ realtime, loop }) =>
      void realtime.remoteStream$
        .pipe(take(1))
        .subscribe((stream) => stream && invoke(loop, 'onRemoteStream', () => onRemoteStream?.(stream))),
  };
}

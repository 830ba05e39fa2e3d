import { take } from 'rxjs';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import type { ConnectOptions } from './options.js';
import type { PlainClient } from './realtime-client.js';

/** Callbacks that are not called for a session before it is shown; `callBack` then calls them with its present values. */
export function callbacksOf<L extends LocalStream, R extends RemoteStream>(
  options: ConnectOptions<R>,
  isShown: () => boolean,
): { readonly shown: ConnectOptions<R>; callBack(realtime: PlainClient<L, R>): void } {
  const { onRemoteStream, onConnectionQuality } = options;
  return {
    shown: {
      ...options,
      ...(onRemoteStream && { onRemoteStream: (stream: R) => isShown() && onRemoteStream(stream) }),
      ...(onConnectionQuality && {
        onConnectionQuality: (report) => isShown() && onConnectionQuality(report),
      }),
    },
    callBack: ({ remoteStream$ }) =>
      void remoteStream$.pipe(take(1)).subscribe((stream) => stream && onRemoteStream?.(stream)),
  };
}

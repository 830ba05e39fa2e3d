import { defer, filter, merge, type Observable, of, switchMap, take, takeUntil } from 'rxjs';
import type { ConnectionState } from '../../core/index.js';
import type { BrowserRemoteStream } from '../../transports/livekit/browser.js';

/** What is needed of a session to go along with its reconnects. */
export interface Followed {
  readonly remoteStream$: Observable<BrowserRemoteStream | null>;
  readonly connectionState$: Observable<ConnectionState>;
}

/**
 * Tells what takes the place of a remote stream, for as long as its session lasts: the one after a reconnect, and
 * `null` in between. Streams of another session (a viewer's, say) stay as they are.
 */
export function createFollower({ remoteStream$, connectionState$ }: Followed) {
  const ended$ = connectionState$.pipe(filter((state) => state === 'disconnected'));
  const session$ = remoteStream$.pipe(takeUntil(ended$));
  let known = new WeakSet<BrowserRemoteStream>();
  ended$.subscribe(() => {
    known = new WeakSet();
  });
  remoteStream$.subscribe((stream) => stream && known.add(stream));
  return (stream: BrowserRemoteStream): Observable<BrowserRemoteStream | null> =>
    defer(() => {
      if (known.has(stream)) return session$;
      const once$ = remoteStream$.pipe(
        filter((shown) => shown === stream),
        take(1),
      );
      return merge(of(stream), once$.pipe(switchMap(() => session$)));
    });
}

import { defer, filter, merge, type Observable, of, switchMap, take, takeUntil } from 'rxjs';
import type { BrowserRemoteStream } from '../../../transports/livekit/browser/index.js';

/** What is needed of a session, or of a viewer of one, to go along with its reconnects. */
export interface Followed {
  readonly remoteStream$: Observable<BrowserRemoteStream | null>;
  readonly connectionState$: Observable<string>;
}

interface Source {
  /** For as long as the session lasts. */
  readonly shown$: Observable<BrowserRemoteStream | null>;
  knows(stream: BrowserRemoteStream): boolean;
}

export interface Follower {
  /**
   * Tells what takes the place of a remote stream, for as long as its session lasts: the one after a reconnect, and
   * `null` in between. Streams that come from elsewhere stay as they are.
   */
  follow(stream: BrowserRemoteStream): Observable<BrowserRemoteStream | null>;
  /** Goes along with another one until it completes. */
  add(followed: Followed): void;
}

export function createFollower(session: Followed): Follower {
  const sources = new Set<Source>();
  const add = (followed: Followed): Source => {
    const source = sourceOf(followed);
    sources.add(source);
    followed.connectionState$.subscribe({ complete: () => sources.delete(source) });
    return source;
  };
  const { shown$ } = add(session);
  return {
    follow: (stream) =>
      defer(() => {
        for (const source of sources) if (source.knows(stream)) return source.shown$;
        const once$ = session.remoteStream$.pipe(
          filter((shown) => shown === stream),
          take(1),
        );
        return merge(of(stream), once$.pipe(switchMap(() => shown$)));
      }),
    add,
  };
}

function sourceOf({ remoteStream$, connectionState$ }: Followed): Source {
  const ended$ = connectionState$.pipe(filter((state) => state === 'disconnected'));
  let known = new WeakSet<BrowserRemoteStream>();
  ended$.subscribe(() => {
    known = new WeakSet();
  });
  remoteStream$.subscribe((stream) => stream && known.add(stream));
  return { shown$: remoteStream$.pipe(takeUntil(ended$)), knows: (stream) => known.has(stream) };
}

import { concat, defer, filter, NEVER, type Observable, of, takeUntil } from 'rxjs';
import type { Followed } from '../../../core/ports/platform.js';
import type { BrowserRemoteStream } from '../../../transports/livekit/browser/index.js';

interface Source {
  /** For as long as the session lasts. */
  readonly shown$: Observable<BrowserRemoteStream | null>;
  knows(stream: BrowserRemoteStream): boolean;
}

export interface Follower {
  /**
   * What takes the place of a remote stream, for as long as its session lasts: the one after a reconnect, and `null` in
   * between. Streams that come from elsewhere stay as they are.
   */
  follow(stream: BrowserRemoteStream): Observable<BrowserRemoteStream | null>;
  /** Follows a session, or a viewer of one, until it completes. */
  add(followed: Followed<BrowserRemoteStream>): void;
}

export function createFollower(): Follower {
  const sources = new Set<Source>();
  return {
    follow: (stream) =>
      defer(() => {
        for (const source of sources) if (source.knows(stream)) return source.shown$;
        return concat(of(stream), NEVER);
      }),
    add(followed) {
      const source = sourceOf(followed);
      sources.add(source);
      followed.connectionState$.subscribe({ complete: () => sources.delete(source) });
    },
  };
}

function sourceOf({ remoteStream$, connectionState$ }: Followed<BrowserRemoteStream>): Source {
  const ended$ = connectionState$.pipe(filter((state) => state === 'disconnected'));
  let known = new WeakSet<BrowserRemoteStream>();
  ended$.subscribe(() => {
    known = new WeakSet();
  });
  remoteStream$.subscribe((stream) => stream && known.add(stream));
  return { shown$: remoteStream$.pipe(takeUntil(ended$)), knows: (stream) => known.has(stream) };
}

import type { Observable } from 'rxjs';
import type { RealtimeSession } from '../../core/session/client/realtime-client.js';

/** A session that the client has given out: what it shows is its own, and nothing once it is over. */
export interface WatchedSession {
  /** `calledId`: what the service calls the session on the newest socket, whose number it puts into its ids. */
  check(calledId: string | null, isLive: boolean): void;
  /** The client has said that it is over, or was left. */
  over(): void;
}

export function watchSession(session: RealtimeSession): WatchedSession {
  let isOver = false;
  const open = new Set<string>();
  const streams = {
    connectionState$: session.connectionState$,
    remoteStream$: session.remoteStream$,
    sessionStarted$: session.sessionStarted$,
  };
  for (const [name, stream$] of Object.entries(streams)) {
    open.add(name);
    (stream$ as Observable<unknown>).subscribe({ complete: () => open.delete(name) });
  }
  return {
    check(calledId, isLive) {
      const { sessionId } = session;
      if (!isOver) {
        if (isLive && sessionId !== calledId)
          throw new Error(`A session calls itself ${sessionId}; it is ${calledId}.`);
        return;
      }
      if (sessionId !== null) throw new Error(`A session that is over calls itself ${sessionId}.`);
      if (open.size > 0) throw new Error(`Streams of a session that is over are open: ${[...open].join(', ')}.`);
    },
    over() {
      isOver = true;
    },
  };
}

import type { Room } from './load.js';

type Engine = Room['engine'];

/**
 * Returns what closes the peer connections of all engines that the room has had since the last call. LiveKit makes its
 * peer connection before it joins. When the join is refused, the room takes another engine and leaves that one open.
 */
export function followEngines(room: Room): () => Promise<void> {
  let engine = room.engine;
  let engines = new Set([engine]);
  noticeConnection(engine);
  Object.defineProperty(room, 'engine', {
    configurable: true,
    enumerable: true,
    get: () => engine,
    set(next: Engine) {
      engine = next;
      engines.add(next);
      noticeConnection(next);
    },
  });
  return async () => {
    const past = engines;
    engines = new Set([engine]);
    // The first engine of a room exists from its start, a disconnected room may have none.
    for (const each of past) await each?.cleanupPeerConnections?.();
  };
}

/**
 * Has the room go on as soon as the peer connection stands. LiveKit looks for that every 50 ms only, and keeps received
 * tracks back until then. An engine that is closed before LiveKit has looked again would look for ever: that is aborted.
 */
function noticeConnection(engine: Engine | undefined): void {
  const wait = engine?.waitForPCInitialConnection;
  if (!engine || !wait) return;
  engine.waitForPCInitialConnection = (timeoutMs, abort) => {
    const looking = new AbortController();
    const stop = (): void => looking.abort();
    if (abort?.signal.aborted) stop();
    abort?.signal.addEventListener('abort', stop);
    engine.once('closing', stop);
    const connected = new Promise<void>((resolve) => {
      engine.once('connected', () => resolve());
    });
    return Promise.race([wait.call(engine, timeoutMs, looking), connected]);
  };
}

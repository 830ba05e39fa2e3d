import type { Room } from './load.js';

/**
 * Returns what closes the peer connections of all engines that the room has had since the last call. LiveKit makes its
 * peer connection before it joins. When the join is refused, the room takes another engine and leaves that one open.
 */
export function followEngines(room: Room): () => Promise<void> {
  let engine = room.engine;
  let engines = new Set([engine]);
  Object.defineProperty(room, 'engine', {
    configurable: true,
    enumerable: true,
    get: () => engine,
    set(next: Room['engine']) {
      engine = next;
      engines.add(next);
    },
  });
  return async () => {
    const past = engines;
    engines = new Set([engine]);
    // The first engine of a room exists from its start, a disconnected room may have none.
    for (const each of past) await each?.cleanupPeerConnections?.();
  };
}

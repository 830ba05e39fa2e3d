import { type LiveKitClient, loggerName, type Room } from './load.js';
import { startMetadataWorker } from './metadata-worker.js';
import { followEngines } from './room-engines.js';

export interface PreparedRoom {
  readonly sdk: LiveKitClient;
  readonly room: Room;
  /** Reads and writes the metadata of the room's frames; `null`: nothing does. */
  readonly worker: Worker | null;
  /** Closes the peer connections that the room has left open. */
  closePeers(): Promise<void>;
}

/** Rooms that are not in use, so that a join finds one made. */
export interface RoomPool {
  /** Loads the library and makes a room ahead of its use, unless one has been asked for before. @throws DecartError when the library cannot be loaded */
  warmUp(): Promise<void>;
  /** The one that the next `take` gives, if it is made already. */
  readonly spare: Room | null;
  /**
   * @param createMetadataWorker makes a room whose frames are timed
   * @throws DecartError when the library or the worker cannot be loaded
   */
  take(createMetadataWorker: (() => Worker) | null): Promise<PreparedRoom>;
  /** Takes a room back that has been left in good order. One with a worker is not used again: LiveKit ends its worker. */
  giveBack(prepared: PreparedRoom): void;
}

/** A service that answers sooner than this is joined at once: a warm-up would only be in the way of that. */
const warmUpDelayMs = 50;

const pools = new WeakMap<object, RoomPool>();

/** The pool of a loader: all clients of a page that load the library alike have one. `load` is the first one's. */
export function roomPoolOf(loader: object, load: () => Promise<LiveKitClient>): RoomPool {
  const pool = pools.get(loader) ?? createRoomPool(load);
  pools.set(loader, pool);
  return pool;
}

/**
 * A room that was left is joined again rather than thrown away: each one that is made listens to the page's devices
 * for good, and is never freed. `load` is called whenever one is wanted.
 */
function createRoomPool(load: () => Promise<LiveKitClient>): RoomPool {
  const spares: PreparedRoom[] = [];
  /** From the first join on, warming up would only be in its way. */
  let wasTaken = false;

  return {
    get spare() {
      return spares[0]?.room ?? null;
    },
    async warmUp() {
      const sdk = await load();
      if (wasTaken || spares.length > 0) return;
      spares.push(prepareRoom(sdk, null));
      await after(warmUpDelayMs);
      if (!wasTaken) await warmUpPeerConnections();
    },
    async take(createMetadataWorker) {
      wasTaken = true;
      const sdk = await load();
      if (createMetadataWorker) {
        const worker = await startMetadataWorker(createMetadataWorker);
        return prepareRoom(sdk, worker);
      }
      // Meanwhile one may have been made, or given back.
      return spares.shift() ?? prepareRoom(sdk, null);
    },
    giveBack(prepared) {
      if (prepared.worker) prepared.worker.terminate();
      else spares.push(prepared);
    },
  };
}

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The first peer connection of a page starts threads and looks codecs up: the one that counts finds that done. */
async function warmUpPeerConnections(): Promise<void> {
  const peer = new RTCPeerConnection();
  try {
    peer.addTransceiver('video', { direction: 'recvonly' });
    await peer.createOffer();
  } finally {
    peer.close();
  }
}

function prepareRoom(sdk: LiveKitClient, worker: Worker | null): PreparedRoom {
  const room = new sdk.Room({
    adaptiveStream: false,
    dynacast: false,
    stopLocalTrackOnUnpublish: false,
    // The service notices by its signaling socket; what looks like leaving may be a download link.
    disconnectOnPageLeave: false,
    loggerName,
    ...(worker && { frameMetadata: { worker } }),
  });
  const { disconnect } = room;
  // The room disconnects itself when the page is frozen, and would end the caller's tracks.
  room.disconnect = () => disconnect(false);
  return { sdk, room, worker, closePeers: followEngines(room) };
}

import type { MediaTransport } from '../../../core/ports/media.js';
import type { PublishableStream } from '../../media/browser/local-stream.js';
import type { BrowserRemoteStream } from '../../media/browser/remote-stream.js';
import { createRoom } from '../../media/room.js';
import type { LiveKitClient } from './load.js';
import { BrowserRoomConnection, type RoomSettings } from './room-connection.js';
import { roomPoolOf } from './room-pool.js';

/** The transport itself, apart from its loading. */
export function createTransport(
  load: () => Promise<LiveKitClient>,
  settings: RoomSettings,
  /** Clients with the same one share their rooms. */
  loader: object = load,
): MediaTransport<PublishableStream, BrowserRemoteStream> {
  const pool = roomPoolOf(loader, load);
  return {
    join: (request) => createRoom((emit) => new BrowserRoomConnection(pool, settings, request, emit)),
    preload(room) {
      const work = async (): Promise<void> => {
        await pool.warmUp();
        if (!room) return;
        // A room that is joined in the same moment needs no preparing: by then it is taken.
        await new Promise((resolve) => setTimeout(resolve));
        await pool.spare?.prepareConnection(room.url, room.token);
      };
      // The join that needs it tries again, and says what is wrong.
      work().catch(() => undefined);
    },
  };
}

import { createRoomServiceClient } from '../media/room-service-client.js';
import type { ExternalLiveKit, SimulatorOptions } from '../options.js';
import { startMediaServer } from '../sfu/media-server.js';

/** A LiveKit server to prove media transports against. */
export interface LiveKitServer {
  /** `ws://` or `wss://`, host, port. */
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Ends a participant's stay. Rejects where there is none. */
  kick(room: string, identity: string): Promise<void>;
  /** Ends a room, with everybody's stay in it. */
  deleteRoom(room: string): Promise<void>;
  /** Ends the server, if it was started for this. */
  close(): Promise<void>;
}

/**
 * The server that `LIVEKIT_URL`, `LIVEKIT_API_KEY` and `LIVEKIT_API_SECRET` name: a `livekit-server --dev`, a cluster.
 * `null`: none is named.
 *
 * @throws Error when only some of the three are set
 */
export function namedLiveKit(environment: NodeJS.ProcessEnv = process.env): ExternalLiveKit | null {
  const { LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret } = environment;
  if (!url && !apiKey && !apiSecret) return null;
  if (!url || !apiKey || !apiSecret) {
    throw new Error('LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET go together: set all three or none.');
  }
  return { url, apiKey, apiSecret };
}

/** For a simulator under test: its rooms are on the named server, if there is one. */
export function simulatorMedia(): Pick<SimulatorOptions, 'media'> {
  const named = namedLiveKit();
  return named === null ? {} : { media: { ...named, relay: true } };
}

/** The named server, or without one the simulator's own, started for it. */
export async function openLiveKitServer(environment: NodeJS.ProcessEnv = process.env): Promise<LiveKitServer> {
  const named = namedLiveKit(environment);
  const { url, apiKey, apiSecret, close } = named
    ? { ...named, close: async () => undefined }
    : await startMediaServer();
  const { removeParticipant, deleteRoom } = createRoomServiceClient({ url, apiKey, apiSecret });
  return { url, apiKey, apiSecret, kick: removeParticipant, deleteRoom, close };
}

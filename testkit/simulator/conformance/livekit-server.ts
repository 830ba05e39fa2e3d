import { SignJWT } from 'jose';
import { startMediaServer } from '../sfu/media-server.js';

/** A LiveKit server to prove media transports against. */
export interface LiveKitServer {
  /** `ws://` or `wss://`, host, port. */
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Ends a participant's stay. */
  kick(room: string, identity: string): Promise<void>;
  /** Ends the server, if it was started for this. */
  close(): Promise<void>;
}

/**
 * The server that `LIVEKIT_URL`, `LIVEKIT_API_KEY` and `LIVEKIT_API_SECRET` name (a `livekit-server --dev`, a cluster),
 * or without them the simulator's own, started for it.
 *
 * @throws Error when only some of the three are set
 */
export async function openLiveKitServer(environment: NodeJS.ProcessEnv = process.env): Promise<LiveKitServer> {
  const { LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret } = environment;
  if (!url && !apiKey && !apiSecret) {
    const server = await startMediaServer();
    return { ...server, kick: async (room, identity) => server.kick(room, identity) };
  }
  if (!url || !apiKey || !apiSecret) {
    throw new Error('LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET go together: set all three or none.');
  }
  return {
    url,
    apiKey,
    apiSecret,
    kick: (room, identity) => removeParticipant({ url, apiKey, apiSecret }, room, identity),
    close: async () => undefined,
  };
}

/** LiveKit's room service, over HTTP. */
async function removeParticipant(
  { url, apiKey, apiSecret }: Pick<LiveKitServer, 'url' | 'apiKey' | 'apiSecret'>,
  room: string,
  identity: string,
): Promise<void> {
  const token = await new SignJWT({ video: { roomAdmin: true, room } })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(apiKey)
    .setExpirationTime('1m')
    .sign(new TextEncoder().encode(apiSecret));
  const service = new URL('/twirp/livekit.RoomService/RemoveParticipant', url.replace(/^ws/, 'http'));
  const answer = await fetch(service, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ room, identity }),
  });
  if (!answer.ok) throw new Error(`${identity} could not be removed: the LiveKit server answered ${answer.status}.`);
}

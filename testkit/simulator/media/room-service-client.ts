// What the simulator asks of a LiveKit server that runs elsewhere, over its HTTP API.
import { SignJWT } from 'jose';
import { DecartError } from '../../../core/errors.js';
import type { ExternalLiveKit } from '../options.js';

/** The calls of LiveKit's room service that are needed here. Each rejects with a `DecartError` WEBRTC_SERVER_ERROR. */
export interface RoomServiceClient {
  /** Ends a participant's stay. */
  removeParticipant(room: string, identity: string): Promise<void>;
  /** Ends a room and the stay of everybody in it. A room that is not there is fine. */
  deleteRoom(room: string): Promise<void>;
}

const CALL_LIMIT_MS = 5_000;
const NOT_FOUND = 404;

export function createRoomServiceClient({ url, apiKey, apiSecret }: ExternalLiveKit): RoomServiceClient {
  const service = new URL('/twirp/livekit.RoomService/', url.replace(/^ws/i, 'http'));

  /** Gives the status of the answer. */
  async function call(method: string, room: string, body: object): Promise<number> {
    const token = await new SignJWT({ video: { roomAdmin: true, roomCreate: true, room } })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer(apiKey)
      .setExpirationTime('1m')
      .sign(new TextEncoder().encode(apiSecret));
    const answer = await fetch(new URL(method, service), {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(CALL_LIMIT_MS),
    }).catch((cause: unknown) => {
      throw failure(`${method} did not reach the LiveKit server.`, cause);
    });
    // An answer that is not read keeps its connection.
    await answer.arrayBuffer();
    return answer.status;
  }

  return {
    async removeParticipant(room, identity) {
      const status = await call('RemoveParticipant', room, { room, identity });
      if (status !== 200) throw failure(`${identity} could not be removed: the LiveKit server answered ${status}.`);
    },
    async deleteRoom(room) {
      const status = await call('DeleteRoom', room, { room });
      if (status === 200 || status === NOT_FOUND) return;
      throw failure(`${room} could not be closed: the LiveKit server answered ${status}.`);
    },
  };
}

const failure = (message: string, cause?: unknown): DecartError =>
  new DecartError({ code: 'WEBRTC_SERVER_ERROR', message, ...(cause !== undefined && { cause }) });

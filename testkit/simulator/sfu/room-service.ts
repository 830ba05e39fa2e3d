// The one call of LiveKit's room service that tests need: removing a participant.
import type { IncomingMessage } from 'node:http';

import * as t from 'io-ts';

export interface RoomService {
  /** The room that the token lets its bearer administer; `null`: none. */
  administers(token: string): Promise<string | null>;
  /** `false`: there is no such participant. */
  remove(room: string, identity: string): boolean;
}

export const ROOM_SERVICE_PATH = '/twirp/livekit.RoomService/';

const longestBody = 64 * 1024;
const removal = t.type({ room: t.string, identity: t.string });

interface Answer {
  readonly status: number;
  readonly text: string;
}

const error = (status: number, code: string): Answer => ({ status, text: JSON.stringify({ code, msg: code }) });

export async function answerRoomService(
  service: RoomService,
  url: URL,
  token: string,
  request: IncomingMessage,
): Promise<Answer> {
  if (url.pathname !== `${ROOM_SERVICE_PATH}RemoveParticipant`) return error(404, 'bad_route');
  const room = await service.administers(token);
  const body = removal.decode(await readJson(request));
  if (body._tag === 'Left') return error(400, 'malformed');
  if (room === null || room !== body.right.room) return error(401, 'permission_denied');
  return service.remove(room, body.right.identity) ? { status: 200, text: '{}' } : error(404, 'not_found');
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > longestBody) return null;
    pieces.push(piece);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch {
    // Not JSON: nothing that the decoder accepts.
    return null;
  }
}

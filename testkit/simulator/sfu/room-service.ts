// The calls of LiveKit's room service that tests need: removing a participant, deleting a room.
import type { IncomingMessage } from 'node:http';

import * as t from 'io-ts';

export interface RoomService {
  /** The room that the token lets its bearer administer; `null`: none. */
  administers(token: string): Promise<string | null>;
  /** `false`: there is no such participant. */
  remove(room: string, identity: string): boolean;
  /** Whether the token lets its bearer create and delete rooms. */
  ownsRooms(token: string): Promise<boolean>;
  /** `false`: there is no such room. */
  close(room: string): boolean;
}

export const ROOM_SERVICE_PATH = '/twirp/livekit.RoomService/';

const longestBody = 64 * 1024;
const removal = t.type({ room: t.string, identity: t.string });
const deletion = t.type({ room: t.string });

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
  switch (url.pathname.slice(ROOM_SERVICE_PATH.length)) {
    case 'RemoveParticipant':
      return removeParticipant(service, token, await readJson(request));
    case 'DeleteRoom':
      return deleteRoom(service, token, await readJson(request));
    default:
      return error(404, 'bad_route');
  }
}

async function removeParticipant(service: RoomService, token: string, sent: unknown): Promise<Answer> {
  const room = await service.administers(token);
  const body = removal.decode(sent);
  if (body._tag === 'Left') return error(400, 'malformed');
  if (room === null || room !== body.right.room) return error(401, 'permission_denied');
  return service.remove(room, body.right.identity) ? { status: 200, text: '{}' } : error(404, 'not_found');
}

async function deleteRoom(service: RoomService, token: string, sent: unknown): Promise<Answer> {
  const body = deletion.decode(sent);
  if (body._tag === 'Left') return error(400, 'malformed');
  if (!(await service.ownsRooms(token))) return error(401, 'permission_denied');
  return service.close(body.right.room) ? { status: 200, text: '{}' } : error(404, 'not_found');
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

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import type { TokenVerdict } from './access-token.js';
import { answerRoomService, ROOM_SERVICE_PATH, type RoomService } from './room-service.js';

export interface HttpOptions {
  /** False: `/rtc/v1` does not exist, as with older servers. */
  hasV1: boolean;
  verify(token: string): Promise<TokenVerdict>;
  readonly roomService: RoomService;
}

/** The few HTTP answers of a media server: it lives, and whether a token is good. */
export function createHttpServer(options: HttpOptions): Server {
  return createServer((request, response) => {
    answer(request, response, options).catch(() => respond(response, 500, 'internal error'));
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, options: HttpOptions): Promise<void> {
  const url = parseUrl(request.url);
  if (request.method === 'OPTIONS') return respond(response, 204, '');
  if (url?.pathname.startsWith(ROOM_SERVICE_PATH)) {
    const { status, text } = await answerRoomService(options.roomService, url, tokenOf(url, request), request);
    return respond(response, status, text);
  }
  if (url?.pathname === '/') return respond(response, 200, 'OK');
  const isValidate = url?.pathname === '/rtc/validate' || (options.hasV1 && url?.pathname === '/rtc/v1/validate');
  if (!url || !isValidate) return respond(response, 404, 'not found');
  const verdict = await options.verify(tokenOf(url, request));
  return verdict.ok ? respond(response, 200, 'success') : respond(response, 401, verdict.reason);
}

function respond(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': '*',
    'access-control-allow-headers': '*',
    'content-type': 'text/plain; charset=utf-8',
  });
  response.end(text);
}

/** The request's URL; `undefined` when it is malformed. */
export function parseUrl(target: string | undefined): URL | undefined {
  try {
    return new URL(target ?? '', 'http://localhost');
  } catch {
    return undefined;
  }
}

export function tokenOf(url: URL, request: IncomingMessage): string {
  return url.searchParams.get('access_token') ?? request.headers.authorization?.replace(/^Bearer\s+/i, '') ?? '';
}

// Stands between clients and the signalling of a LiveKit server, to cut it, or to have clients start over. Media goes past it.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { DisconnectReason, LeaveRequest, LeaveRequest_Action, SignalResponse } from '@livekit/protocol';
import { decodeJwt } from 'jose';
import { WebSocket, WebSocketServer } from 'ws';
import { authorityOf } from '../http-server.js';
import { refuseUpgrade, trackConnections } from '../sfu/connections.js';
import { parseUrl, tokenOf } from '../sfu/http.js';

export interface SignallingRelay {
  /** For clients, in place of the server's. */
  readonly url: string;
  /** Cuts the signalling of a room's clients without a word; they resume. */
  cut(room: string): void;
  /** Has a room's clients leave and join in full. */
  forceFullReconnect(room: string): void;
  close(): Promise<void>;
}

interface Pair {
  readonly room: string | null;
  readonly client: WebSocket;
  readonly server: WebSocket;
}

/** Codes that an endpoint may send. 1005 and 1006 say that none came. */
const isSendable = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);

/**
 * @param target `ws://` or `wss://`, host, port
 * @param host the address to listen on
 */
export async function startSignallingRelay(target: string, host: string): Promise<SignallingRelay> {
  const base = target.replace(/\/$/, '');
  const pairs = new Set<Pair>();
  const opening = new Set<WebSocket>();
  const http = createServer((request, response) => {
    forward(base, request, response).catch(() => response.writeHead(502).end());
  });
  const exit = trackConnections(http);
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });

  http.on('upgrade', (request, socket, head) => {
    // The client may hang up at any moment; there is nothing to do about it.
    socket.on('error', () => {});
    connect(request, socket, head);
  });

  function connect(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { authorization } = request.headers;
    const server = new WebSocket(base + (request.url ?? '/'), {
      perMessageDeflate: false,
      ...(authorization !== undefined && { headers: { authorization } }),
    });
    opening.add(server);
    const abandon = () => server.terminate();
    socket.once('close', abandon);
    server.once('close', () => opening.delete(server));
    server.on('error', () => {});
    server.once('unexpected-response', (_request, answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.once('end', () => {
        refuseUpgrade(socket, answer.statusCode ?? 502, Buffer.concat(pieces).toString());
        server.terminate();
      });
    });
    server.once('error', () => {
      if (server.readyState !== WebSocket.OPEN) refuseUpgrade(socket, 502);
    });
    server.once('open', () => {
      opening.delete(server);
      socket.off('close', abandon);
      // What the server says first comes in a later turn of the event loop: nothing is lost.
      let client: WebSocket | null = null;
      sockets.handleUpgrade(request, socket, head, (accepted) => {
        client = accepted;
        join({ room: roomOf(request), client: accepted, server });
      });
      // A request that is no proper upgrade has been answered already.
      if (client === null) server.terminate();
    });
  }

  function join(pair: Pair): void {
    pairs.add(pair);
    const { client, server } = pair;
    passOn(client, server);
    passOn(server, client);
    client.once('close', () => pairs.delete(pair));
  }

  const of = (room: string): Pair[] => [...pairs].filter((pair) => pair.room === room);
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(0, host, resolve);
  });
  return {
    url: `ws://${authorityOf(http, host)}`,
    cut(room) {
      for (const { client, server } of of(room)) {
        client.terminate();
        server.terminate();
      }
    },
    forceFullReconnect(room) {
      for (const { client, server } of of(room)) {
        client.send(startOver());
        client.close();
        server.terminate();
      }
    },
    async close() {
      for (const server of opening) server.terminate();
      for (const { client, server } of pairs) {
        client.terminate();
        server.terminate();
      }
      sockets.close();
      await exit.close();
    },
  };
}

function passOn(from: WebSocket, to: WebSocket): void {
  from.on('error', () => {});
  from.on('message', (data, isBinary) => {
    if (to.readyState === WebSocket.OPEN) to.send(data, { binary: isBinary });
  });
  from.once('close', (code, reason) => {
    if (isSendable(code)) to.close(code, reason);
    else if (code === 1005) to.close();
    else to.terminate();
  });
}

function startOver(): Uint8Array {
  const leave = new LeaveRequest({ action: LeaveRequest_Action.RECONNECT, reason: DisconnectReason.STATE_MISMATCH });
  return new SignalResponse({ message: { case: 'leave', value: leave } }).toBinary();
}

/** The room that the client's token names. Whether the token is any good, the server says. */
function roomOf(request: IncomingMessage): string | null {
  const url = parseUrl(request.url);
  if (url === undefined) return null;
  try {
    const { video } = decodeJwt<{ video?: { room?: unknown } }>(tokenOf(url, request));
    return typeof video?.room === 'string' ? video.room : null;
  } catch {
    return null;
  }
}

/** Clients ask over HTTP why their socket was refused. */
async function forward(base: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { authorization } = request.headers;
  const answer = await fetch(base.replace(/^ws/i, 'http') + (request.url ?? '/'), {
    method: request.method === 'HEAD' || request.method === 'OPTIONS' ? request.method : 'GET',
    ...(authorization !== undefined && { headers: { authorization } }),
  });
  response.writeHead(answer.status, {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': '*',
    'access-control-allow-headers': '*',
    'content-type': answer.headers.get('content-type') ?? 'text/plain',
  });
  response.end(Buffer.from(await answer.arrayBuffer()));
}

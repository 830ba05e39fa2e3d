import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import { networkInterfaces } from 'node:os';
import type { Duplex } from 'node:stream';

import { DisconnectReason, LeaveRequest_Action } from '@livekit/protocol';
import { WebSocketServer } from 'ws';

import { administeredRoom, mayDeleteRooms, verifyAccessToken } from './access-token.js';
import { refuseUpgrade, trackConnections } from './connections.js';
import { type FaultScope, LinkBoard, type NetworkConditions } from './faults/media-faults.js';
import { seededRandom } from './faults/random.js';
import { createHttpServer, parseUrl, tokenOf } from './http.js';
import { IceLite } from './ice/ice-lite.js';
import { Lobby, type PlainPeer } from './room/lobby.js';
import type { RoomService } from './room-service.js';
import { readIntroduction } from './signal/join-request.js';
import { createCertificate } from './transport/secure-link.js';

export { type AccessTokenOptions, createAccessToken } from './access-token.js';
export type { FaultScope, NetworkConditions } from './faults/media-faults.js';
export type { PlainPeer } from './room/lobby.js';

export interface MediaServerOptions {
  /** Address to listen on. Default `127.0.0.1`: reachable from this machine only. */
  host?: string | undefined;
  /** TCP port of the signalling. Default 0: any free one. */
  port?: number | undefined;
  /** Default `devkey`. */
  apiKey?: string | undefined;
  /** @default random */
  apiSecret?: string | undefined;
  /** `v0`: `/rtc/v1` answers 404, as servers before 2026 do. Default `v1`, which serves both. */
  signalling?: 'v1' | 'v0' | undefined;
  /** Seed of everything random in faults. Default 1. */
  seed?: number | undefined;
  /** Receives a line for each join and leave. Tokens are never in it. */
  onLog?: ((line: string) => void) | undefined;
}

export interface MediaServerStats {
  rooms: number;
  participants: number;
  /** UDP datagrams received and sent since the start. */
  packetsIn: number;
  packetsOut: number;
  /** Datagrams whose handling failed; not 0 means a bug. */
  packetsMishandled: number;
}

export interface MediaFaults {
  /** Changes the network: what is given, in one room or (without scope) everywhere. Takes effect at once. */
  setNetwork(conditions: NetworkConditions, scope?: FaultScope): void;
  /** Back to a clean network. */
  clearNetwork(scope?: FaultScope): void;
  /** Cuts the signalling sockets without a word; clients resume. */
  cutSignalling(scope?: FaultScope): void;
  /** While on, clients that want to resume have to reconnect from scratch. */
  refuseResume(on: boolean): void;
  /** Makes all clients reconnect from scratch. */
  forceFullReconnect(scope?: FaultScope): void;
  /** Lets the echoed frames stop, or go on. */
  stallEcho(room: string, on: boolean): void;
  /** Delays the echoed frames. */
  echoLagMs(room: string, lagMs: number): void;
}

/** A LiveKit-compatible media server on one TCP and one UDP port. */
export interface MediaServer {
  /** `ws://127.0.0.1:PORT` */
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly faults: MediaFaults;
  /**
   * From now on everything that is published in this room, except by `inference-*` participants,
   * comes back as a track of `identity`. The packets are forwarded without being decoded.
   * `onFirstPacket` is called once, when the first of them arrives.
   */
  attachEcho(room: string, identity: string, onFirstPacket?: () => void): void;
  detachEcho(room: string): void;
  /**
   * Lets a client in without LiveKit signalling, by its offer; a later offer of the same identity renegotiates. It
   * receives the tracks of `inference-*` participants only. `undefined` when the offer is no SDP.
   */
  answer(offer: string, peer: PlainPeer): string | undefined;
  /** Removes one participant, or all of a room, with `PARTICIPANT_REMOVED`. */
  kick(room: string, identity?: string): void;
  /** Ends a room with `ROOM_DELETED`. */
  closeRoom(room: string): void;
  stats(): MediaServerStats;
  /** Disconnects everybody and resolves when sockets and timers are gone. */
  close(): Promise<void>;
}

/** What went wrong while starting. `code`: `EADDRINUSE` for a port in use, else the system's own code. */
export class MediaServerStartError extends Error {
  override readonly name = 'MediaServerStartError';

  constructor(
    readonly code: string,
    message: string,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

const tickMs = 20;

/** Starts the media server. Rejects with `MediaServerStartError`, e.g. when the port is in use. */
export async function startMediaServer(options: MediaServerOptions = {}): Promise<MediaServer> {
  const host = options.host ?? '127.0.0.1';
  const apiKey = options.apiKey ?? 'devkey';
  const apiSecret = options.apiSecret ?? randomBytes(24).toString('hex');
  const hasV1 = options.signalling !== 'v0';
  const log = options.onLog ?? (() => {});
  const verify = (token: string) => verifyAccessToken(token, apiKey, apiSecret);

  const roomService: RoomService = {
    administers: (token) => administeredRoom(token, apiKey, apiSecret),
    remove: (room, identity) => kick(room, identity) > 0,
    ownsRooms: (token) => mayDeleteRooms(token, apiKey, apiSecret),
    close(name) {
      const room = lobby.rooms.get(name);
      room?.close(DisconnectReason.ROOM_DELETED);
      return room !== undefined;
    },
  };
  const http = createHttpServer({ hasV1, verify, roomService });
  const exit = trackConnections(http);
  const port = await listen(http, host, options.port ?? 0);
  const bound = addressOf(http);
  const certificate = await createCertificate();
  const ice = await IceLite.listen(bound, reachableAddresses(bound), seededRandom(options.seed ?? 1));
  const links = new LinkBoard();
  const lobby = new Lobby(ice, certificate, links);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 4 << 20, perMessageDeflate: false });

  http.on('upgrade', (request, socket, head) => {
    // The client may hang up at any moment; there is nothing to do about it.
    socket.on('error', () => {});
    admit(request, socket, head).catch(() => socket.destroy());
  });

  async function admit(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const url = parseUrl(request.url);
    const isKnown = url?.pathname === '/rtc' || (hasV1 && url?.pathname === '/rtc/v1');
    if (!url || !isKnown) return refuseUpgrade(socket, 404);
    const verdict = await verify(tokenOf(url, request));
    if (!verdict.ok) return refuseUpgrade(socket, 401, verdict.reason);
    const introduction = readIntroduction(url, request.headers.authorization);
    if (!introduction) return refuseUpgrade(socket, 400, 'broken join request');
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const { room, identity } = verdict.grant;
      log(`${introduction.reconnect ? 'resume' : 'join'} (${introduction.version}) ${identity} → ${room}`);
      webSocket.on('close', (code) => log(`signalling of ${identity} in ${room} closed (${code})`));
      lobby.admit(webSocket, introduction, verdict.grant);
    });
  }

  const timer = setInterval(() => lobby.tick(performance.now(), Date.now()), tickMs);
  const roomsIn = (scope: FaultScope = {}) =>
    [...lobby.rooms.values()].filter(({ name }) => scope.room === undefined || scope.room === name);
  const applyLinks = () => {
    for (const room of lobby.rooms.values()) {
      const { up, down } = links.of(room.name);
      room.applyConditions(up, down);
    }
  };

  const faults: MediaFaults = {
    setNetwork(conditions, scope) {
      links.change(conditions, scope);
      applyLinks();
    },
    clearNetwork(scope) {
      links.clear(scope);
      applyLinks();
    },
    cutSignalling(scope) {
      for (const room of roomsIn(scope)) for (const member of room.members) member.cutSignal();
    },
    refuseResume(on) {
      lobby.refuseResume = on;
    },
    forceFullReconnect(scope) {
      for (const room of roomsIn(scope)) {
        for (const member of room.members) {
          room.remove(member, LeaveRequest_Action.RECONNECT, DisconnectReason.STATE_MISMATCH);
        }
      }
    },
    stallEcho: (room, on) => lobby.room(room).stallEcho(on),
    echoLagMs: (room, lagMs) => lobby.room(room).lagEcho(lagMs),
  };

  /** Returns how many were removed. */
  function kick(name: string, identity?: string): number {
    const room = lobby.rooms.get(name);
    const leaving = (room?.members ?? []).filter((member) => identity === undefined || member.identity === identity);
    for (const member of leaving) {
      room?.remove(member, LeaveRequest_Action.DISCONNECT, DisconnectReason.PARTICIPANT_REMOVED);
    }
    return leaving.length;
  }

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    clearInterval(timer);
    for (const room of [...lobby.rooms.values()]) room.close(DisconnectReason.SERVER_SHUTDOWN);
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
    await Promise.all([exit.close(), ice.close()]);
  }

  return {
    url: `ws://${bound.includes(':') ? `[${bound}]` : bound}:${port}`,
    apiKey,
    apiSecret,
    faults,
    attachEcho: (room, identity, onFirstPacket) => lobby.room(room).attachEcho(identity, onFirstPacket),
    detachEcho: (room) => lobby.rooms.get(room)?.detachEcho(),
    answer: (offer, peer) => lobby.answer(offer, peer),
    kick(room, identity) {
      kick(room, identity);
    },
    closeRoom: (name) => lobby.rooms.get(name)?.close(DisconnectReason.ROOM_DELETED),
    stats: () => ({
      rooms: lobby.rooms.size,
      participants: [...lobby.rooms.values()].reduce((sum, room) => sum + room.members.length, 0),
      packetsIn: ice.packetsIn,
      packetsOut: ice.packetsOut,
      packetsMishandled: ice.mishandled,
    }),
    close() {
      closing ??= close();
      return closing;
    },
  };
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new MediaServerStartError('EINVAL', `port must be a whole number from 0 to 65535, not ${port}.`, undefined);
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, resolve);
  }).catch((error: NodeJS.ErrnoException) => {
    const code = error.code ?? 'UNKNOWN';
    const why = code === 'EADDRINUSE' ? `port ${port} is in use` : code;
    throw new MediaServerStartError(code, `The media server cannot listen on ${host}:${port}: ${why}.`, error);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

function addressOf(server: Server): string {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.address : '127.0.0.1';
}

/** The addresses at which clients find a server that listens on `bound`. */
function reachableAddresses(bound: string): string[] {
  if (bound !== '0.0.0.0' && bound !== '::') return [bound];
  const family = bound === '::' ? 'IPv6' : 'IPv4';
  return Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? [])
      .filter((each) => each.family === family && !each.address.startsWith('fe80'))
      .map(({ address }) => address),
  );
}

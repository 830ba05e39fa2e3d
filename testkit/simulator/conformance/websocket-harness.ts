import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type SchedulerLike, VirtualTimeScheduler } from 'rxjs';
import { type WebSocket, WebSocketServer } from 'ws';
import type { SignalingTransport } from '../../../core/ports/signaling.js';
import { Mailbox } from '../../conformance/mailbox.js';
import type { SignalingHarness, StagedConnection } from '../../conformance/signaling-stage.js';

/**
 * Plays the server for a transport over WebSocket, on loopback. The transport is built on the virtual scheduler it
 * is given, or on real time, as it likes; `tellsHttpStatus: false` for one that cannot see a refusal's status.
 */
export function webSocketHarness(
  createTransport: (scheduler: SchedulerLike) => SignalingTransport,
  { tellsHttpStatus = true }: { tellsHttpStatus?: boolean } = {},
): SignalingHarness {
  return {
    async start() {
      const scheduler = new VirtualTimeScheduler();
      const server = createServer();
      const upgrader = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 * 1024 });
      const connections = new Mailbox<StagedConnection>();
      const sockets = new Set<Duplex>();
      let count = 0;
      let idle: (() => void)[] = [];
      server.on('upgrade', (request, socket, head) => {
        count += 1;
        sockets.add(socket);
        // A connection that the client cut fails in many ways; that it closes is all that counts.
        socket.on('error', () => undefined);
        socket.once('close', () => {
          sockets.delete(socket);
          if (sockets.size > 0) return;
          for (const resolve of idle) resolve();
          idle = [];
        });
        connections.put(stagedConnection(upgrader, request, socket, head));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;

      return {
        transport: createTransport(scheduler),
        url: `ws://127.0.0.1:${port}/v1/stream`,
        unreachableUrl: 'ws://127.0.0.1:1/v1/stream',
        tellsHttpStatus,
        // A busy machine is no reason to fail.
        limitMs: 30_000,
        connectionCount: () => count,
        nextConnection: () => connections.take(),
        idle: () => {
          // A stalled socket sees its peer leave only when it is read from again.
          for (const socket of sockets) socket.resume();
          return new Promise((resolve) => (sockets.size === 0 ? resolve() : idle.push(resolve)));
        },
        elapse: (ms) => {
          scheduler.maxFrames = scheduler.frame + ms;
          scheduler.flush();
        },
        stop: async () => {
          for (const socket of sockets) socket.destroy();
          await new Promise((resolve) => server.close(resolve));
        },
      };
    },
  };
}

function stagedConnection(
  upgrader: WebSocketServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): StagedConnection {
  const frames = new Mailbox<string>();
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  let live: WebSocket | null = null;
  // An upgrade that is held is neither read from nor ended by anyone else: the client's leaving would go unseen.
  socket.resume();
  socket.once('end', () => {
    if (!live) socket.destroy();
  });
  const open = () => {
    if (!live) throw new Error('This connection was not accepted.');
    return live;
  };
  return {
    url: request.url ?? '',
    accept: () => {
      if (socket.destroyed) return;
      upgrader.handleUpgrade(request, socket, head, (accepted) => {
        live = accepted;
        accepted.on('message', (data) => frames.put(String(data)));
        accepted.on('error', () => undefined);
      });
    },
    refuse: (httpStatus) => {
      socket.end(`HTTP/1.1 ${httpStatus} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    },
    send: (frame) => open().send(frame),
    close: (code, reason) => open().close(code, reason),
    drop: () => socket.destroy(),
    stall: () => open().pause(),
    nextFrame: () => frames.take(),
    closed,
  };
}

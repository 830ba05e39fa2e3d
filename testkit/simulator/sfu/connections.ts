import { type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** The way out of an HTTP server. */
export interface ServerExit {
  /** Takes no new connections. */
  stop(): void;
  /** Ends every connection, upgraded ones included, which Node itself leaves open. Resolves when all are gone. */
  close(): Promise<void>;
}

/** Call before the server listens. */
export function trackConnections(server: Server): ServerExit {
  const connections = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  return {
    stop: () => void server.close(),
    close: () =>
      new Promise((resolve) => {
        // The callback is called for a server that has stopped, too.
        server.close(() => resolve());
        for (const socket of connections) socket.destroy();
      }),
  };
}

/** Answers an upgrade with an HTTP status, and hangs up. */
export function refuseUpgrade(socket: Duplex, status: number, body = '', contentType = 'text/plain'): void {
  // A client may keep its half open for ever.
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\n` +
      `Connection: close\r\nContent-Type: ${contentType}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

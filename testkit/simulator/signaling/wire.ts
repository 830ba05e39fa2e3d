// Frames and sockets, as the library has them.
import type { RawData, WebSocket } from 'ws';

/** Together with the limit of the media process less than a second. */
const CLOSE_LIMIT_MS = 400;
/** What a close frame has room for (RFC 6455 5.5): `ws` throws for more. */
const REASON_BYTES = 123;

/** Closes a socket with as much of the reason as fits. 1005 and 1006 cannot be sent: they cut it without a close frame. */
export function dropSocket(socket: WebSocket, code: number, reason: string): void {
  if (code === 1005 || code === 1006) {
    socket.terminate();
    return;
  }
  socket.close(code, firstBytes(reason));
  // A client that does not answer the close frame is not waited for.
  const deadline = setTimeout(() => socket.terminate(), CLOSE_LIMIT_MS);
  socket.once('close', () => clearTimeout(deadline));
}

/** Whole characters only. */
function firstBytes(reason: string): string {
  const { read } = new TextEncoder().encodeInto(reason, new Uint8Array(REASON_BYTES));
  return reason.slice(0, read);
}

export function toBytes(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

/** What the journal keeps of a frame. */
export function recordOf(input: string | Buffer): { type: string | null; message: unknown } {
  if (typeof input !== 'string') return { type: null, message: new Uint8Array(input) };
  try {
    const message: unknown = JSON.parse(input);
    const type = typeof message === 'object' && message !== null && 'type' in message ? message.type : null;
    return { type: typeof type === 'string' ? type : null, message };
  } catch {
    // Not JSON: the frame itself is the record of it.
    return { type: null, message: input };
  }
}

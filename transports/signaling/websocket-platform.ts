/**
 * The part of a W3C `WebSocket` that is used; `ws` has it too. The handlers take `never` so that sockets whose
 * event types differ from the DOM's fit as well.
 */
export interface WebSocketLike {
  readonly readyState: number;
  binaryType: string;
  onopen: ((event: never) => unknown) | null;
  onmessage: ((event: never) => unknown) | null;
  onerror: ((event: never) => unknown) | null;
  onclose: ((event: never) => unknown) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

/** What `ws` has beyond the W3C interface. */
export interface NodeSocket {
  on(event: 'unexpected-response', listener: (request: unknown, response: { statusCode?: number }) => void): unknown;
  on(event: 'pong', listener: () => void): unknown;
  ping(): void;
  terminate(): void;
}

export function nodeSocketOf(socket: object): NodeSocket | null {
  return 'terminate' in socket && 'on' in socket ? (socket as NodeSocket) : null;
}

/** A frame as the port defines it, from any of the platform's forms. */
export function frameOf(data: unknown): string | Uint8Array {
  if (typeof data === 'string') return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  // Recognised by its tag: an ArrayBuffer of another realm fails `instanceof`.
  if (Object.prototype.toString.call(data) === '[object ArrayBuffer]') return new Uint8Array(data as ArrayBuffer);
  // The socket ignored `binaryType`: an empty binary frame is refused, and reported, like any malformed one.
  return new Uint8Array();
}

const MAX_REASON_BYTES = 123;

/** A code and reason that no platform throws at: browsers take 1000 and 3000 to 4999 only, and 123 bytes of reason. */
export function closeFrameOf(code = 1000, reason = ''): [code: number, reason: string] {
  const allowed = code === 1000 || (Number.isInteger(code) && code >= 3000 && code <= 4999);
  let text = reason;
  const bytes = new TextEncoder().encode(reason);
  if (bytes.length > MAX_REASON_BYTES) {
    // Decoding a cut character gives replacement characters at the end, at most three.
    text = new TextDecoder().decode(bytes.subarray(0, MAX_REASON_BYTES)).replace(/\uFFFD{1,3}$/, '');
  }
  return [allowed ? code : 1000, text];
}

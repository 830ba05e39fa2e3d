// A bare WebSocket client: what a session looks like without any SDK.
import { firstValueFrom, type Observable, ReplaySubject } from 'rxjs';
import { filter, map, take } from 'rxjs/operators';
import WebSocket from 'ws';

export type PlainMessage = Readonly<Record<string, unknown>> & { readonly type: string };

export type PlainEvent =
  | { readonly kind: 'message'; readonly message: PlainMessage }
  /** A frame that is no JSON object. */
  | { readonly kind: 'frame'; readonly data: Buffer; readonly isBinary: boolean }
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string };

export interface PlainClient {
  /** Everything since the socket opened, replayed. */
  readonly events$: Observable<PlainEvent>;
  send(frame: object | string | Uint8Array): void;
  /** The first message of this type that was not taken by an earlier call. */
  next(type: string): Promise<PlainMessage>;
  /** Types of all messages so far. */
  types(): readonly string[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  close(): void;
}

/** Opens a socket; rejects with the HTTP status in the message when the upgrade is refused. */
export function openPlainClient(
  baseUrl: string,
  query: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<PlainClient> {
  const search = new URLSearchParams({ api_key: 'any', model: 'lucy-latest', ...query });
  const socket = new WebSocket(`${baseUrl}/v1/stream?${search}`, { headers });
  const events = new ReplaySubject<PlainEvent>();
  const types: string[] = [];
  const taken = new Map<string, number>();
  socket.on('message', (data, isBinary) => {
    const bytes = data as Buffer;
    const message = isBinary ? null : parse(bytes.toString('utf8'));
    if (message !== null) types.push(message.type);
    events.next(message === null ? { kind: 'frame', data: bytes, isBinary } : { kind: 'message', message });
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => {
      resolve({ code, reason: reason.toString('utf8') });
      events.next({ kind: 'closed', code, reason: reason.toString('utf8') });
      events.complete();
    });
  });
  const client: PlainClient = {
    events$: events,
    send: (frame) =>
      socket.send(typeof frame === 'string' || frame instanceof Uint8Array ? frame : JSON.stringify(frame)),
    next: (type) => {
      const skip = taken.get(type) ?? 0;
      taken.set(type, skip + 1);
      let seen = 0;
      return firstValueFrom(
        events.pipe(
          filter((event) => event.kind === 'message' && event.message.type === type && seen++ === skip),
          map((event) => (event as Extract<PlainEvent, { kind: 'message' }>).message),
          take(1),
        ),
      );
    },
    types: () => types,
    closed,
    close: () => socket.close(),
  };
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(client));
    socket.once('error', reject);
  });
}

function parse(text: string): PlainMessage | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string') {
      return value as PlainMessage;
    }
  } catch {
    // Not JSON: a plain frame.
  }
  return null;
}

import type { MemorySocket } from '../../transports/memory/index.js';
import { isOpenAt, type ModelCall, turnMs } from './calls.js';

/** A prompt or an image as the service has received it. */
export interface Received {
  readonly socket: MemorySocket;
  /** Whose it is: a request's id, or the handshake's initial state. */
  readonly owner: number | 'initial';
  readonly kind: 'prompt' | 'image';
  /** Absent: the message leaves it as it is. */
  readonly prompt: string | null | undefined;
  readonly image: string | null | undefined;
  readonly receivedMs: number;
  /** What the service has made of it, whether it says so or not; `ignored`: it fell silent before. */
  outcome: 'accepted' | 'refused' | 'ignored';
  /** What the service has answered, once that has arrived. */
  answer: 'accepted' | 'refused' | 'error' | null;
  answeredMs: number | null;
  /** The answer will never come. */
  isLost: boolean;
}

export type Dimension = 'prompt' | 'image';

/** As long as core/PROTOCOL.md promises to wait for a late ack. */
const LATE_ACK_MS = 15_000;

/** The service's own books: what it has received, and so what it shows. */
export class ServiceLedger {
  readonly items: Received[] = [];
  /** When each socket's room info was sent: the limit of the initial state runs from there. */
  readonly #roomInfoMs = new Map<MemorySocket, number>();

  roomTold(socket: MemorySocket, nowMs: number): void {
    if (!this.#roomInfoMs.has(socket)) this.#roomInfoMs.set(socket, nowMs);
  }

  itemOf(requestId: number | null): Received | undefined {
    return this.items.find(({ owner }) => owner === requestId);
  }

  /** What the service shows on this socket: of what it has accepted, the last that was sent. */
  shown(socket: MemorySocket, dimension: Dimension): Received | undefined {
    return this.items
      .filter((item) => item.socket === socket && item.outcome === 'accepted' && item[dimension] !== undefined)
      .at(-1);
  }

  /** Those whose acks look the same as this one's. */
  lane(item: Received): Received[] {
    const isSame = (other: Received): boolean =>
      other.socket === item.socket &&
      other.kind === item.kind &&
      (item.kind === 'image' || other.prompt === item.prompt);
    return this.items.filter(isSame);
  }

  /** An equal prompt before it was not answered before this one was sent. */
  #isDoubtful(item: Received): boolean {
    const lane = this.lane(item);
    const older = lane.slice(0, lane.indexOf(item));
    return older.some(({ answeredMs }) => answeredMs === null || answeredMs >= item.receivedMs);
  }

  /** Whether an ack that arrives now is one that the client promises to wait for. */
  isAwaited(item: Received, calls: readonly ModelCall[], nowMs: number): boolean {
    const call = calls.find(({ requestId }) => requestId === item.owner);
    const startMs = call?.startMs ?? Math.max(item.receivedMs, this.#roomInfoMs.get(item.socket) ?? nowMs);
    const limitMs = call?.limitMs ?? (item.kind === 'image' ? 30_000 : 15_000);
    const endMs = startMs + limitMs;
    // To the millisecond it is anybody's guess.
    if (nowMs >= endMs + LATE_ACK_MS - 1) return false;
    if (item.kind === 'prompt') return nowMs < endMs || !this.#isDoubtful(item);
    // An image gives way to one that has waited for long.
    const abandonedMs = call?.isGivenUp ? (call.endMs ?? endMs) : endMs;
    return !calls.some((other) => {
      const atMs = turnMs(other);
      return other !== call && other.kind === 'image' && atMs >= abandonedMs && atMs <= nowMs && isOpenAt(other, atMs);
    });
  }
}

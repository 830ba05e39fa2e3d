import { Observable, type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs';
import type { MediaRequest, MediaTransport, RoomRequest } from '../core/ports/media.js';
import type { SignalingTransport } from '../core/ports/signaling.js';
import type { LocalStream, RemoteStream } from '../core/ports/streams.js';

/** What a ledger counts. */
export type ResourceKind = 'sockets' | 'rooms' | 'timers' | 'tracks' | 'readers';

const KINDS: readonly ResourceKind[] = ['sockets', 'rooms', 'timers', 'tracks', 'readers'];

/**
 * Knows what is open. Wrap the ports that the code under test is given; what they open is counted until it is
 * closed. A socket is open from the subscription to its events until `closed` or the unsubscription, a room
 * likewise, a timer until it has run for the last time or is unsubscribed from.
 */
export interface Ledger {
  /** The same transport, its sockets counted. */
  signaling(transport: SignalingTransport): SignalingTransport;
  /** The same transport, its rooms counted. */
  media<L extends LocalStream, R extends RemoteStream, Q extends MediaRequest<L> = RoomRequest<L>>(
    transport: MediaTransport<L, R, Q>,
  ): MediaTransport<L, R, Q>;
  /** The same scheduler, its timers counted. */
  scheduler(scheduler: SchedulerLike): SchedulerLike;
  /** Counts a resource by hand. The function that is returned closes it; calling that again does nothing. */
  opened(kind: ResourceKind, label?: string): () => void;
  /** Adds a number that is counted elsewhere, read whenever the ledger is. */
  gauge(kind: ResourceKind, read: () => number): void;
  /** How much is open now. */
  readonly open: Readonly<Record<ResourceKind, number>>;
  /** Everything that is open now, all kinds together. */
  readonly total: number;
  /** Throws an error that names each open resource. */
  expectNoLeaks(): void;
}

/** With `traces: true` each leak is shown with the place that opened it, at the price of a stack trace for each. */
export function createLedger({ traces = false }: { traces?: boolean | undefined } = {}): Ledger {
  const entries = new Set<Entry>();
  const gauges: { kind: ResourceKind; read: () => number }[] = [];
  const serials: Record<ResourceKind, number> = { sockets: 0, rooms: 0, timers: 0, tracks: 0, readers: 0 };

  const opened = (kind: ResourceKind, label = '') => {
    serials[kind] += 1;
    const entry: Entry = {
      kind,
      label: `#${serials[kind]}${label && ` (${label})`}`,
      trace: traces ? new Error('opened').stack : undefined,
    };
    entries.add(entry);
    return () => {
      entries.delete(entry);
    };
  };

  const counts = () => {
    const open: Record<ResourceKind, number> = { sockets: 0, rooms: 0, timers: 0, tracks: 0, readers: 0 };
    for (const { kind } of entries) open[kind] += 1;
    for (const { kind, read } of gauges) open[kind] += read();
    return open;
  };
  const total = () => Object.values(counts()).reduce((sum, count) => sum + count, 0);

  return {
    opened,
    gauge: (kind, read) => {
      gauges.push({ kind, read });
    },
    signaling: (transport) => ({
      open: (request) => {
        const socket = transport.open(request);
        return {
          events$: openUntilClosed(socket.events$, () => opened('sockets')),
          send: (frame) => socket.send(frame),
          ping: () => socket.ping?.(),
          close: (code, reason) => socket.close(code, reason),
        };
      },
    }),
    media: (transport) => ({
      join: (request) => {
        const room = transport.join(request);
        return {
          ...room,
          events$: openUntilClosed(room.events$, () => opened('rooms')),
        };
      },
      preload: (room) => transport.preload?.(room),
    }),
    scheduler: (scheduler) => countTimers(scheduler, (delayMs) => opened('timers', `${delayMs} ms`)),
    get open() {
      return counts();
    },
    get total() {
      return total();
    },
    expectNoLeaks() {
      if (total() > 0) throw new Error(describe(counts(), entries));
    },
  };
}

interface Entry {
  readonly kind: ResourceKind;
  readonly label: string;
  readonly trace: string | undefined;
}

function describe(open: Record<ResourceKind, number>, entries: ReadonlySet<Entry>): string {
  const lines = KINDS.filter((kind) => open[kind] > 0).map((kind) => {
    const known = [...entries].filter((entry) => entry.kind === kind);
    const names = known.map(({ label, trace }) => (trace ? `${label}\n${placeIn(trace)}` : label));
    return `  ${kind}: ${open[kind]}${names.length > 0 ? `: ${names.join(', ')}` : ''}`;
  });
  return `Not closed:\n${lines.join('\n')}`;
}

/** The part of a stack trace below the ledger's own frames. */
function placeIn(trace: string): string {
  const frames = trace.split('\n').slice(1);
  const outside = frames.filter((frame) => !/testkit[\\/]ledger\.[jt]s|node_modules[\\/]rxjs/.test(frame));
  return outside
    .slice(0, 6)
    .map((frame) => `      ${frame.trim()}`)
    .join('\n');
}

function openUntilClosed<E extends { readonly type: string }>(events$: Observable<E>, open: () => () => void) {
  return new Observable<E>((subscriber) => {
    const close = open();
    subscriber.add(close);
    return events$.subscribe({
      next: (event) => {
        if (event.type === 'closed') close();
        subscriber.next(event);
      },
      error: (error: unknown) => subscriber.error(error),
      complete: () => subscriber.complete(),
    });
  });
}

function countTimers(scheduler: SchedulerLike, open: (delayMs: number) => () => void): SchedulerLike {
  return {
    now: () => scheduler.now(),
    schedule<T>(work: (this: SchedulerAction<T>, state: T) => void, delay?: number, state?: T): Subscription {
      const close = open(delay ?? 0);
      const counted = function (this: SchedulerAction<T>, value: T | undefined) {
        // The timer lives on when the work schedules it again, which only shows while the work runs.
        let again = false;
        const { schedule } = this;
        this.schedule = (nextState, nextDelay) => {
          again = true;
          return schedule.call(this, nextState, nextDelay);
        };
        try {
          // As with every scheduler, a state that was left out is the caller's word that the work takes none.
          work.call(this, value as T);
        } finally {
          this.schedule = schedule;
          if (!again) close();
        }
      };
      const subscription = new Subscription(close);
      subscription.add(scheduler.schedule<T>(counted, delay, state as T));
      return subscription;
    },
  };
}

/** For `expect.extend(ledgerMatchers)`: `expect(ledger).toHaveNoLeaks()`. */
export const ledgerMatchers = {
  toHaveNoLeaks(ledger: Ledger): { pass: boolean; message: () => string } {
    try {
      ledger.expectNoLeaks();
      return { pass: true, message: () => 'Expected something to be open, but everything is closed.' };
    } catch (error) {
      return { pass: false, message: () => (error instanceof Error ? error.message : String(error)) };
    }
  },
};

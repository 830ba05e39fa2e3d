import type { SchedulerLike } from 'rxjs';
import type { ServerMessage } from '../../core/protocol/server-messages.js';
import type { SessionStep } from '../../core/session/runtime/loop.js';
import type { MemorySocket } from '../../transports/memory/index.js';
import type { Chance } from './schedule.js';

/** The service's book: what it has billed, and which sessions it has ended. */
export interface ModelBilling {
  /** A turn of the client's loop. Throws when it opens what the service has ended. */
  step(step: SessionStep): void;
  /** Bills for a while, second by second, as long as the socket is open. */
  bill(socket: MemorySocket): void;
  /** Ends the generation, and closes the socket at once, late or never. */
  end(socket: MemorySocket): void;
}

export interface BillingDeps {
  readonly chance: Chance;
  readonly scheduler: SchedulerLike;
  say(socket: MemorySocket, message: ServerMessage): void;
  isSilent(socket: MemorySocket): boolean;
  guarded(job: () => void): () => void;
}

const reasons = ['timeout', 'insufficient_credits', 'moderation_violation', 'error', 'disconnect', 'unheard of'];

/** Seconds that are billed at a time: an hour of ticks would only take time. */
const SPELL = 12;

export function createModelBilling({ chance, scheduler, say, isSilent, guarded }: BillingDeps): ModelBilling {
  const seconds = new Map<MemorySocket, number>();
  const running = new Set<MemorySocket>();
  let billed = 0;
  let limit = Number.POSITIVE_INFINITY;
  /** What the service has ended stays so until the caller connects. */
  let isEnded = false;

  function tick(socket: MemorySocket, left: number): void {
    if (left === 0 || socket.state !== 'open') return void running.delete(socket);
    const second = (seconds.get(socket) ?? 0) + 1;
    seconds.set(socket, second);
    billed += 1;
    if (billed > limit + 1) throw new Error(`${billed} seconds are billed; the limit is ${limit}.`);
    say(socket, { type: 'generation_tick', seconds: second });
    scheduler.schedule(
      guarded(() => tick(socket, left - 1)),
      1000,
    );
  }

  return {
    step({ event, effects }) {
      const opens = effects.some(({ type }) => type === 'socket.open');
      if (event.type === 'caller.connectRequested' && opens) {
        billed = 0;
        limit = (event.plan.limits.billed?.limitMs ?? Number.POSITIVE_INFINITY) / 1000;
        isEnded = false;
      } else if (opens && isEnded) {
        throw new Error('A session is opened that the service has ended.');
      }
      // What an older try's socket says leads to nothing.
      if (event.type === 'server.generationEnded' && event.reason !== 'disconnect' && effects.length > 0)
        isEnded = true;
    },
    bill(socket) {
      // A client that never hears of a bill cannot limit it.
      if (running.has(socket) || (isSilent(socket) && !seconds.has(socket))) return;
      running.add(socket);
      tick(socket, SPELL);
    },
    end(socket) {
      if (socket.state !== 'open') return;
      const reason = chance.pick(reasons);
      say(socket, { type: 'generation_ended', seconds: seconds.get(socket) ?? 0, reason });
      const closes = chance.pick(['at once', 'late', 'never']);
      if (closes === 'at once') socket.closeByServer(1000);
      if (closes === 'late') scheduler.schedule(() => socket.closeByServer(1000), 2000);
    },
  };
}

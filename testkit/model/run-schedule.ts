import { map, type SchedulerLike, timer, VirtualTimeScheduler } from 'rxjs';
import { createDecartClient } from '../../core/client.js';
import type { Platform } from '../../core/ports/platform.js';
import { sessionSteps } from '../../core/session/client/inspect.js';
import {
  createMemoryLocalStream,
  createMemoryNetwork,
  type MemoryLocalStream,
  type MemoryRemoteStream,
} from '../../transports/memory/index.js';
import { createLedger } from '../ledger.js';
import { createMemoryPlatform } from '../memory-platform.js';
import { createModelBilling } from './billing.js';
import { createModelCaller } from './caller.js';
import { createFailures } from './failures.js';
import { strike } from './fault.js';
import { createImageHost } from './images.js';
import { ModelObserver } from './observer.js';
import { createRudeNetwork } from './rude-network.js';
import { createChance, type ModelStep, type Schedule } from './schedule.js';
import { createModelService } from './service.js';

const IDLE_MS = 3_600_000;
const AT_START_MS = 1_000_000;

/** How a run went. */
export interface ModelRun {
  /** The rule that was violated; `null`: none. */
  readonly error: Error | null;
  /** The run step by step: milliseconds, and what happened then. */
  readonly trace: readonly string[];
  /** How often the session was live: a schedule that does nothing proves nothing. */
  readonly lives: number;
  /** How many events the session has reduced. */
  readonly events: number;
}

/**
 * Runs a schedule in virtual time against a whole client, checking all along. Does not throw: what goes wrong is in the
 * result. The same schedule runs the same way each time.
 *
 * @example
 * ```ts
 * import { randomSchedule, runSchedule } from 'decart-rx/testkit';
 *
 * export function checkSeed(seed: number): void {
 *   const { error, trace } = runSchedule(randomSchedule(seed));
 *   if (error) throw new Error(`${error.message}\n${trace.join('\n')}`);
 * }
 * ```
 */
export function runSchedule({ seed, steps }: Schedule): ModelRun {
  const trace: string[] = [];
  const counts = { lives: 0, events: 0 };
  try {
    play(seed, steps, trace, counts);
    return { error: null, trace, ...counts };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)), trace, ...counts };
  }
}

function play(
  seed: number,
  steps: readonly ModelStep[],
  trace: string[],
  counts: { lives: number; events: number },
): void {
  const chance = createChance(seed);
  const time = new VirtualTimeScheduler();
  time.frame = AT_START_MS;
  let jumpMs = 0;
  const clock: SchedulerLike = {
    now: () => time.now() + jumpMs,
    schedule: time.schedule.bind(time),
  };
  const note = (line: string): void => void trace.push(`${time.now() - AT_START_MS} ${line}`);
  const { all: failures, guarded } = createFailures();

  const ledger = createLedger();
  const network = createMemoryNetwork({
    scheduler: time,
    closeDelayMs: chance.pick([0, 0, 200, 3000]),
    onSocket: (socket) => service.onSocket(socket),
    onRoom: (room) => service.onRoom(room),
  });
  const rude = createRudeNetwork(network);
  const observer = new ModelObserver(
    {
      isQuiet: (socket) => service.isQuiet(socket),
      sessionIdOf: (socket) => service.sessionIdOf(socket),
      checkPeers: (socket) => service.peers.check(socket),
    },
    network,
    ledger,
    () => time.now(),
  );
  const service = createModelService({
    chance,
    scheduler: time,
    nextOwner: () => observer.nextOwner(),
    received: guarded((item) => {
      observer.service.items.push(item);
      if (item.owner === 'initial') observer.opened(item);
      note(`  > ${item.kind} of ${item.owner} ${item.prompt} ${item.image}, ${item.outcome}`);
    }),
    joined: guarded((_socket, hasInitialState) => observer.joined(hasInitialState)),
    offered: (socket) => observer.offered(socket),
    guarded,
    answering: guarded((item) => {
      note(`  < ${item.kind} of ${item.owner} ${item.answer}`);
    }),
    roomTold: (socket) => observer.service.roomTold(socket, time.now()),
    isAwaited: (item) => observer.service.isAwaited(item, observer.calls, time.now()),
    losing: (item) => {
      note(`  < ${item.kind} of ${item.owner} is lost`);
    },
    queueing: (isQueued) => {
      observer.budgetSinceMs = isQueued || observer.budgetSinceMs === null ? null : time.now();
    },
  });

  const billing = createModelBilling({ ...service, chance, scheduler: time, guarded });

  const cameras: MemoryLocalStream[] = [];
  const platform: Platform<MemoryLocalStream, MemoryRemoteStream> = {
    ...createMemoryPlatform({
      network: {
        signaling: ledger.signaling(rude.signaling),
        media: ledger.media(rude.media),
        directMedia: ledger.media(rude.directMedia),
      },
    }),
    seed: () => chance.below(1_000_000),
    fetchBytes: createImageHost(time),
    createLocalStream: () =>
      timer(300, time).pipe(
        map(() => {
          const camera = createMemoryLocalStream();
          cameras.push(camera);
          return camera;
        }),
      ),
  };
  const config = { apiKey: 'model-key', scheduler: ledger.scheduler(clock) };
  const client = createDecartClient(config, platform);
  const { realtime } = client;
  let status = '';
  realtime[sessionSteps].subscribe(
    guarded((step) => {
      counts.events += 1;
      observer.step(step);
      billing.step(step);
    }),
  );
  realtime.state$.subscribe(
    guarded((state) => {
      observer.state(state);
      if (state.status !== status) note(`  = ${state.status}`);
      if (state.status === 'connected' && status !== 'connected') counts.lives += 1;
      status = state.status;
    }),
  );
  realtime.diagnostics$.subscribe(
    guarded((event) => {
      if (event.name !== 'intentRestored') return;
      note(`  = intent ${event.restored}`);
      observer.restored(event.restored);
    }),
  );
  realtime.errors$.subscribe(({ code }) => note(`  = error ${code}`));

  const caller = createModelCaller({ client, observer, guarded, note, now: () => time.now() });

  function act(step: ModelStep): void {
    switch (step.type) {
      case 'wait':
        return advance(step.ms);
      case 'jump':
        jumpMs += step.ms;
        service.clockSet();
        return;
      case 'echo':
        return rude.echo(step.echo);
      case 'fault':
        return strike(step.fault, { network, service, observer, billing, chance });
      default:
        return caller.act(step);
    }
  }

  /** Runs what is due, one by one, and checks after each. */
  function advance(ms: number): void {
    const until = time.now() + ms;
    for (;;) {
      const next = time.actions[0];
      if (!next || next.delay > until) break;
      time.maxFrames = next.delay;
      time.flush();
      check();
    }
    time.frame = until;
    check();
  }

  function check(): void {
    if (failures.length === 0) guarded(() => observer.check())();
    if (failures.length > 0) throw failures[0];
  }

  for (const step of steps) {
    note(JSON.stringify(step));
    act(step);
    // What the network owes at once.
    advance(0);
  }
  note('idle');
  advance(IDLE_MS);
  if (failures.length === 0) guarded(() => observer.checkIdle())();
  note('disconnect');
  caller.end();
  advance(IDLE_MS);
  observer.checkOver();
  const forgotten = cameras.filter(({ disposed }) => !disposed).length;
  if (forgotten > 0) throw new Error(`${forgotten} cameras are still on.`);
}

// A simulation in virtual time of sessions that take each other's place: a whole client, an account with slots.
import { map, timer, VirtualTimeScheduler } from 'rxjs';
import { createDecartClient } from '../../../core/client.js';
import type { Platform } from '../../../core/ports/platform.js';
import {
  createMemoryLocalStream,
  createMemoryNetwork,
  type MemoryLocalStream,
  type MemoryRemoteStream,
} from '../../../transports/memory/index.js';
import { createLedger } from '../../ledger.js';
import { createMemoryPlatform } from '../../memory-platform.js';
import { createFailures } from '../failures.js';
import type { ModelRun } from '../run-schedule.js';
import { createChance } from '../schedule.js';
import { Account } from './account.js';
import { SwitchingCaller } from './caller.js';
import { type Chain, Chains } from './chains.js';
import { randomSwitchingSchedule, type SwitchingSchedule, type SwitchingStep } from './schedule.js';

const IDLE_MS = 60_000;

/** Runs a schedule against a whole client, checking all along. Total: what goes wrong is in the result. */
export function runSwitching({ seed, steps }: SwitchingSchedule): ModelRun {
  const trace: string[] = [];
  const counts = { lives: 0, events: 0 };
  try {
    play(seed, steps, trace, counts);
    return { error: null, trace, ...counts };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)), trace, ...counts };
  }
}

/** The schedule of this seed. */
export const runSwitchingSeed = (seed: number): ModelRun => runSwitching(randomSwitchingSchedule(seed));

function play(
  seed: number,
  steps: readonly SwitchingStep[],
  trace: string[],
  counts: { lives: number; events: number },
): void {
  const chance = createChance(seed);
  const time = new VirtualTimeScheduler();
  const note = (line: string): void => void trace.push(`${time.now()} ${line}`);
  const { all: failures, guarded } = createFailures();
  const ledger = createLedger();
  const chains = new Chains(note);
  const account = new Account({
    chance,
    scheduler: time,
    opened: guarded((session) => chains.opened(session)),
    billed: guarded((session) => chains.billed(session)),
    ending: guarded((session, reason) => chains.ending(session, reason)),
    full: (session) => {
      note(`  < session-${session.number} of ${session.chain} finds the account full`);
      chains.full(session.chain);
    },
  });
  const network = createMemoryNetwork({
    scheduler: time,
    onSocket: (socket) => account.onSocket(socket),
    onRoom: (room) => account.onRoom(room),
  });
  const cameras: MemoryLocalStream[] = [];
  const platform: Platform<MemoryLocalStream, MemoryRemoteStream> = {
    ...createMemoryPlatform({
      network: { signaling: ledger.signaling(network.signaling), media: ledger.media(network.media) },
    }),
    seed: () => chance.below(1_000_000),
    createLocalStream: () =>
      timer(300, time).pipe(
        map(() => {
          const camera = createMemoryLocalStream();
          cameras.push(camera);
          return camera;
        }),
      ),
  };
  const client = createDecartClient({ apiKey: 'model-key', scheduler: ledger.scheduler(time) }, platform);
  const { realtime } = client;
  const shown: { stream: MemoryRemoteStream | null } = { stream: null };
  realtime.remoteStream$.subscribe((stream) => {
    shown.stream = stream;
  });
  realtime.connectionState$.subscribe((state) => {
    note(`  = ${state}`);
    if (state === 'connected') counts.lives += 1;
  });
  realtime.diagnostics$.subscribe((event) => {
    counts.events += 1;
    if (event.name === 'seamlessSwitch') note(`  = switch ${event.outcome} ${event.reason}`);
  });
  const caller = new SwitchingCaller(realtime, chains, { guarded, note });

  /** The newest session, or the one before it. */
  const sessionAt = (n: number) => account.sessions.filter(({ socket }) => socket.state !== 'closed').at(-1 - n);

  function strike(fault: Extract<SwitchingStep, { type: 'fault' }>['fault'], of: number): void {
    if (fault === 'crowd') return account.crowd();
    if (fault === 'silentJoin') account.nextJoin = 'silent';
    if (fault === 'refused') account.nextJoin = 'refused';
    if (fault === 'blind') account.isNextBlind = true;
    const session = sessionAt(of);
    if (session === undefined) return;
    if (fault === 'ended') return account.end(session);
    if (fault === 'socketLost') {
      chains.excuse(session.chain, fault);
      session.socket.closeByServer(1006);
    }
    const { room } = session;
    if (fault === 'roomLost' && (room?.state === 'joined' || room?.state === 'published')) {
      chains.excuse(session.chain, fault);
      room.lose({ code: 'WEBRTC_ICE_ERROR', message: 'The media connection failed.' });
    }
  }

  function act(step: SwitchingStep): void {
    if (step.type === 'fault') strike(step.fault, step.of);
    else if (step.type !== 'wait') caller.act(step);
  }

  function check(): void {
    guarded(() => {
      chains.check();
      const alive = account.sessions.slice(-6).filter(({ socket }) => /connecting|open/.test(socket.state));
      if (alive.length > 2) throw new Error(`${alive.length} sessions are open.`);
      const { sessionId } = realtime;
      const present = account.sessions.find(({ number }) => `session-${number}` === sessionId);
      if (!realtime.isConnected() || present?.room?.state !== 'published') return;
      if (shown.stream?.disposed === true) throw new Error('A stream is shown that was disposed of.');
      caller.checkPrompt(present);
    })();
    if (failures.length > 0) throw failures[0];
  }

  /** Runs what is due, one by one, and checks after each. */
  function advance(ms: number): void {
    const until = time.now() + ms;
    for (let next = time.actions[0]; next && next.delay <= until; next = time.actions[0]) {
      time.maxFrames = next.delay;
      time.flush();
      check();
    }
    time.frame = until;
    check();
  }

  for (const step of steps) {
    note(JSON.stringify(step));
    act(step);
    advance(step.type === 'wait' ? step.ms : 0);
  }
  note('idle');
  advance(IDLE_MS);
  chains.checkIdle();
  caller.act({ type: 'disconnect' });
  advance(IDLE_MS);
  const open = chains.all.find((chain: Chain) => !chain.isOver);
  if (open) throw new Error(`Session ${open.name} does not end.`);
  ledger.expectNoLeaks();
  const forgotten = cameras.filter(({ disposed }) => !disposed).length;
  if (forgotten > 0) throw new Error(`${forgotten} cameras are still on.`);
}

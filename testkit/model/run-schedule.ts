import {
  map,
  type Observable,
  type SchedulerLike,
  type Subscription,
  skip,
  take,
  throwError,
  timer,
  VirtualTimeScheduler,
} from 'rxjs';
import { createDecartClient } from '../../core/client.js';
import type { ImageInput, Platform } from '../../core/ports.js';
import { sessionSteps } from '../../core/session/steps.js';
import {
  createMemoryLocalStream,
  createMemoryNetwork,
  type MemoryLocalStream,
  type MemoryRemoteStream,
} from '../../transports/memory.js';
import { createLedger } from '../ledger.js';
import { createMemoryPlatform } from '../memory-platform.js';
import { type ModelCall, ModelObserver } from './observer.js';
import { createRudeNetwork } from './rude-network.js';
import { createChance, type ModelStep, type Schedule } from './schedule.js';
import { createModelService, modelRoomInfo } from './service.js';

const texts = ['a', 'b', 'c'] as const;
const IDLE_MS = 3_600_000;
const AT_START_MS = 1_000_000;

/** How a run went. `trace` tells it step by step; `error` is what must not be, if anything was. */
export interface ModelRun {
  readonly error: Error | null;
  readonly trace: readonly string[];
  /** How often the session was live, and how many events there were: a schedule that does nothing proves nothing. */
  readonly lives: number;
  readonly events: number;
}

interface Watched {
  readonly call: ModelCall;
  readonly subscription: Subscription;
}

/** Runs a schedule in virtual time against a whole client, checking all along. Total: what goes wrong is in the result. */
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
  // What is thrown inside a subscriber is thrown by rxjs at nobody: it is kept, and thrown where it can be caught.
  const failures: unknown[] = [];
  const guarded =
    <A extends unknown[]>(job: (...args: A) => void) =>
    (...args: A): void => {
      try {
        job(...args);
      } catch (error) {
        failures.push(error);
      }
    };

  const ledger = createLedger();
  const network = createMemoryNetwork({
    scheduler: time,
    closeDelayMs: chance.pick([0, 0, 200, 3000]),
    onSocket: (socket) => service.onSocket(socket),
    onRoom: (room) => service.onRoom(room),
  });
  const rude = createRudeNetwork(network.signaling, network.media);
  const observer = new ModelObserver(network, ledger, () => time.now());
  const service = createModelService({
    chance,
    scheduler: time,
    nextOwner: () => observer.nextOwner(),
    received: guarded((item) => {
      observer.received.push(item);
      note(`  > ${item.kind} of ${item.owner} ${item.prompt ?? ''} ${item.image ?? ''}`);
      if (item.owner === 'initial') observer.intent.sent(item);
    }),
    joined: guarded((_socket, hasInitialState) => observer.joined(hasInitialState)),
    answering: guarded((item) => {
      note(`  < ${item.kind} of ${item.owner} ${item.answer}`);
      observer.intent.answered(item);
    }),
    losing: (item) => {
      note(`  < ${item.kind} of ${item.owner} will be lost`);
      observer.intent.lost();
    },
    queueing: (isQueued) => {
      observer.budgetSinceMs = isQueued || observer.budgetSinceMs === null ? null : time.now();
    },
  });

  const cameras: MemoryLocalStream[] = [];
  const fetchBytes = (url: string): Observable<Uint8Array> =>
    url.endsWith('missing')
      ? throwError(() => new Error('Not found.'))
      : timer(2000, time).pipe(map(() => new Uint8Array([9, 9, 9])));
  const platform: Platform<MemoryLocalStream, MemoryRemoteStream> = {
    ...createMemoryPlatform({
      network: { signaling: ledger.signaling(rude.signaling), media: ledger.media(rude.media) },
    }),
    seed: () => chance.below(1_000_000),
    fetchBytes,
    createLocalStream: () =>
      timer(300, time).pipe(
        map(() => {
          const camera = createMemoryLocalStream();
          cameras.push(camera);
          return camera;
        }),
      ),
  };
  const client = createDecartClient({ apiKey: 'model-key', scheduler: ledger.scheduler(clock) }, platform);
  const { realtime } = client;
  let status = '';
  realtime[sessionSteps].subscribe(
    guarded((step) => {
      counts.events += 1;
      observer.step(step);
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

  const pending: Watched[] = [];
  function watch(name: string, source: Observable<unknown>, isRequest: boolean): Watched {
    const call: ModelCall = {
      name: `${name} #${observer.calls.length}`,
      requestId: null,
      isGivenUp: false,
      isLive: false,
      settled: 0,
    };
    // A connect is no request: it is never looked up among them.
    if (!isRequest) call.requestId = -1;
    observer.calls.push(call);
    const settle = (isDone: boolean, code: string): void => {
      note(`  = ${call.name} ${code}`);
      observer.settled(call, isDone && isRequest);
    };
    const subscription = source.subscribe({
      next: () => {
        call.isLive = true;
      },
      error: guarded((error: { code?: string }) => settle(false, error.code ?? String(error))),
      complete: guarded(() => settle(true, 'done')),
    });
    const watched = { call, subscription };
    if (isRequest && !subscription.closed) {
      pending.push(watched);
      subscription.add(() => pending.splice(pending.indexOf(watched), 1));
    }
    return watched;
  }

  let isEnding = false;
  let latest: (Watched & { controller: AbortController }) | null = null;
  function connect(wish: number): void {
    observer.mustBeOver = false;
    const has = (bit: number): boolean => (wish & bit) !== 0;
    const controller = new AbortController();
    const session$ = realtime.session$(
      {
        model: 'lucy-2.1',
        signal: controller.signal,
        recoverStalledAfterMs: false,
        holdUntilInitialState: !has(8),
        publishCamera: has(16),
        ...(has(1) && { initialPrompt: { text: texts[wish % 3] ?? 'a' } }),
        ...(has(2) && { initialImage: (wish & 1) === 0 ? 'INIT' : 'https://images.test/slow' }),
        ...(has(4) && { handshake: 'bundled' as const }),
        ...(has(32) && { reconnect: { retries: 1, jitter: 0.3 } }),
      },
      has(16) ? undefined : createMemoryLocalStream(),
    );
    latest = { controller, ...watch('connect', session$, false) };
  }

  function giveUp({ call, subscription }: Watched): void {
    if (call.settled === 0) call.isGivenUp = true;
    subscription.unsubscribe();
  }

  const images: readonly (ImageInput | null)[] = [
    null,
    'FRST',
    'SCND',
    'https://images.test/slow',
    'https://images.test/missing',
    'file_1',
  ];

  function act(step: ModelStep): void {
    const socket = network.sockets.at(-1);
    const room = network.rooms.at(-1);
    switch (step.type) {
      case 'connect':
        return connect(step.wish);
      case 'disconnect':
        observer.mustBeOver = true;
        return void realtime.disconnect();
      case 'release':
        return void client.release();
      case 'leave':
        return latest === null ? undefined : giveUp(latest);
      case 'abort':
        return latest?.controller.abort();
      case 'prompt': {
        const text = texts[step.text] ?? 'a';
        const options = step.timeoutMs === null ? {} : { timeoutMs: step.timeoutMs };
        return void watch(`prompt ${text}`, realtime.setPrompt$(text, options), true);
      }
      case 'image': {
        const image = images[step.kind % images.length] ?? null;
        const options = step.kind >= images.length ? { prompt: step.kind % 2 ? null : 'b' } : {};
        return void watch(`image ${String(image)}`, realtime.setImage$(image, options), true);
      }
      case 'cancel': {
        const found = pending[step.which % Math.max(1, pending.length)];
        return found && giveUp(found);
      }
      case 'echo':
        return rude.echo(step.echo);
      case 'reenter': {
        realtime.state$.pipe(skip(1), take(1)).subscribe(() => {
          if (isEnding) return;
          if (step.call === 'connect') connect(1);
          if (step.call === 'disconnect') act({ type: 'disconnect' });
          if (step.call === 'connectThenDisconnect') {
            connect(1);
            act({ type: 'disconnect' });
          }
          if (step.call === 'prompt') act({ type: 'prompt', text: 0, timeoutMs: null });
          if (step.call === 'promptCancelled') {
            act({ type: 'prompt', text: 0, timeoutMs: null });
            act({ type: 'cancel', which: pending.length - 1 });
          }
          if (step.call === 'connectCancelled') {
            connect(0);
            act({ type: 'leave' });
          }
        });
        return;
      }
      case 'wait':
        return advance(step.ms);
      case 'jump':
        jumpMs += step.ms;
        return;
      case 'fault':
        if (socket === undefined) return;
        switch (step.fault) {
          case 'socketLost':
            return socket.closeByServer(1006);
          case 'socketRefused':
            return socket.state === 'connecting' ? socket.refuse(503) : undefined;
          case 'roomLost':
            if (room?.state !== 'joined' && room?.state !== 'published') return;
            observer.lostRoom = room;
            return room.lose({ code: 'WEBRTC_ICE_ERROR', message: 'The media connection failed.' });
          case 'roomClosed':
            return room?.client.leave();
          case 'serverError':
            return service.say(socket, { type: 'error', error: 'Something is wrong.' });
          case 'invalidSession':
            return socket.closeByServer(1008, 'invalid session');
          case 'garbage':
            return socket.state === 'open'
              ? socket.deliver(chance.pick(['{"type":"error"}', '{', '{"type":"x"}']))
              : undefined;
          case 'strayAck':
            return service.say(socket, { type: 'prompt_ack', prompt: 'never sent', success: true, error: null });
          case 'queued':
            return service.queue(socket);
          case 'roomInfoAgain':
            return service.say(socket, { ...modelRoomInfo, session_id: 'another' } as typeof modelRoomInfo);
          case 'mediaReconnecting':
            if (room?.state !== 'published') return;
            room.reconnecting();
            return room.reconnected();
          case 'generating':
            return service.say(
              socket,
              chance.is(0.5) ? { type: 'generation_started' } : { type: 'generation_tick', seconds: 1 },
            );
          case 'tracksChanged':
            return void (chance.is(0.5) ? room?.publishRemote() : room?.unpublishRemote());
        }
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
  isEnding = true;
  void realtime.disconnect();
  advance(IDLE_MS);
  observer.checkOver();
  const forgotten = cameras.filter(({ disposed }) => !disposed).length;
  if (forgotten > 0) throw new Error(`${forgotten} cameras are still on.`);
}

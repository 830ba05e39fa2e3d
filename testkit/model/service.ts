import type { SchedulerLike } from 'rxjs';
import type { ServerMessage } from '../../core/protocol/server-messages.js';
import type { MemoryRoom, MemorySocket } from '../../transports/memory/index.js';
import type { Received } from './ledger.js';
import { createModelPeers, isSignal, type ModelPeers } from './peers.js';
import type { Chance } from './schedule.js';

/** How a service and its network behave, drawn at random for each run. */
interface Temper {
  /** Longest usual delay of an answer. */
  readonly delayMs: number;
  /** Share of answers that come very late, that are lost, that refuse, that are an `error`, that are given twice. */
  readonly late: number;
  readonly lost: number;
  readonly refused: number;
  readonly error: number;
  readonly twice: number;
}

const tempers: readonly Temper[] = [
  { delayMs: 30, late: 0, lost: 0, refused: 0.05, error: 0.03, twice: 0 },
  { delayMs: 30, late: 0, lost: 0.1, refused: 0.1, error: 0, twice: 0.1 },
  { delayMs: 30, late: 0, lost: 0.15, refused: 0, error: 0, twice: 0 },
  { delayMs: 400, late: 0.15, lost: 0.1, refused: 0.1, error: 0.05, twice: 0.1 },
  { delayMs: 5000, late: 0.3, lost: 0.2, refused: 0.2, error: 0.05, twice: 0.2 },
];

const LATE_MS = 55_000;
const QUIET_MS = 10_000;

export interface ServiceDeps {
  readonly chance: Chance;
  readonly scheduler: SchedulerLike;
  /** Whose the next prompt or image on the wire is. */
  nextOwner(): number | 'initial';
  received(item: Received): void;
  joined(socket: MemorySocket, hasInitialState: boolean): void;
  /** Direct WebRTC: the client's first offer. */
  offered(socket: MemorySocket): void;
  guarded<A extends unknown[]>(job: (...args: A) => void): (...args: A) => void;
  roomTold(socket: MemorySocket): void;
  /** Whether the client promises to wait for this answer until now. */
  isAwaited(item: Received): boolean;
  /** The answer arrives at the client right behind this. */
  answering(item: Received): void;
  /** The answer will never come. */
  losing(item: Received): void;
  queueing(isQueued: boolean): void;
}

/** The service and the network: they answer the client, or do not. */
export interface ModelService {
  onSocket(socket: MemorySocket): void;
  onRoom(room: MemoryRoom): void;
  /** `false`: it is not heard. */
  say(socket: MemorySocket, message: ServerMessage): boolean;
  /** Answers all that is on the wire with an error. */
  fail(socket: MemorySocket, error: string): void;
  /** From now on nothing on this socket is heard or answered, though it stays open. Not before its room info. */
  silence(socket: MemorySocket): void;
  isSilent(socket: MemorySocket): boolean;
  /** Nothing has been said for 10 s, by a clock that may have been set meanwhile: it may be taken for dead. */
  isQuiet(socket: MemorySocket): boolean;
  clockSet(): void;
  /** Sends other room info, or another id, to each client that has some. */
  sendAway(socket: MemorySocket): void;
  /** Puts clients that wait for room info, or for an answer, into the queue for a while. */
  queue(socket: MemorySocket): void;
  /** Direct WebRTC: makes an offer of its own. */
  offer(socket: MemorySocket): void;
  /** What it has called the session on this socket; `null`: nothing yet. */
  sessionIdOf(socket: MemorySocket): string | null;
  readonly peers: ModelPeers;
}

/** The session's id is the socket's, in the order in which they were opened. */
export const modelRoomInfo = (socketNumber: number): ServerMessage => ({
  type: 'livekit_room_info',
  livekit_url: 'ws://127.0.0.1:7880',
  token: 'room-token',
  room_name: `room-${socketNumber}`,
  session_id: `session-${socketNumber}`,
});

const modelSessionId = (socketNumber: number): ServerMessage => ({
  type: 'session_id',
  session_id: `session-${socketNumber}`,
  server_ip: '10.0.0.1',
  server_port: 4000,
});

export function createModelService(deps: ServiceDeps): ModelService {
  const { chance, scheduler } = deps;
  const temper: Temper = chance.pick(tempers);
  const sockets: MemorySocket[] = [];
  const informed = new WeakSet<MemorySocket>();
  const silent = new WeakSet<MemorySocket>();
  /** Sockets by what their first message asks for. */
  const modes = new WeakMap<MemorySocket, 'room' | 'direct'>();
  const sessionIds = new WeakMap<MemorySocket, string>();
  const saidMs = new Map<MemorySocket, number>();
  /** On the wire, and not answered. */
  const open = new Set<Received>();
  /** On the wire as the client sees it: an error answers these, too. */
  const lost = new Set<Received>();
  /** When the last answer of each kind is due: answers to equal things come in the order of the questions. */
  const due = new WeakMap<MemorySocket, Map<string, number>>();

  const later = (job: () => void, delayMs: number): void => void scheduler.schedule(job, delayMs);
  const usual = (): number => 1 + chance.below(temper.delayMs);
  const say = (socket: MemorySocket, message: ServerMessage): boolean => {
    if (socket.state !== 'open' || silent.has(socket)) return false;
    saidMs.set(socket, scheduler.now());
    // The first one counts, unless the client has said nothing yet.
    if ('session_id' in message && modes.has(socket) && !sessionIds.has(socket))
      sessionIds.set(socket, message.session_id);
    socket.deliver(JSON.stringify(message));
    return true;
  };

  const peers = createModelPeers({
    chance,
    scheduler,
    usual,
    say,
    guarded: deps.guarded,
    offered(socket) {
      deps.offered(socket);
      answerJoin(socket);
    },
    described: (room) => later(() => accept(room), usual()),
  });

  function begin(socket: MemorySocket, { type }: { readonly type: string }): void {
    modes.set(socket, type === 'livekit_join' ? 'room' : 'direct');
    if (type === 'livekit_join') return;
    // There, the limit of the initial state runs at once.
    deps.roomTold(socket);
    if (chance.is(0.9)) later(() => say(socket, modelSessionId(sockets.indexOf(socket))), usual());
  }

  function take(socket: MemorySocket, frame: string): void {
    const message = JSON.parse(frame) as Record<string, unknown> & { type: string };
    if (!modes.has(socket)) begin(socket, message);
    if (isSignal(message)) return deps.guarded(() => peers.take(socket, message))();
    if (message.type === 'livekit_join') {
      const bundled = message.initial_state as (Record<string, unknown> & { type: string }) | null | undefined;
      deps.joined(socket, message.passthrough === false || (bundled !== undefined && bundled !== null));
      if (bundled) takeWish(socket, bundled, 'initial');
      return answerJoin(socket);
    }
    takeWish(socket, message, deps.nextOwner());
  }

  function answerJoin(socket: MemorySocket): void {
    if (chance.is(temper.lost / 2)) return;
    if (chance.is(0.1)) later(() => queue(socket), usual());
    const times = chance.is(temper.twice) ? 2 : 1;
    for (let n = 0; n < times; n += 1) later(() => tellRoom(socket), usual());
  }

  function tellRoom(socket: MemorySocket): void {
    const isDirect = modes.get(socket) === 'direct';
    if (socket.state !== 'open' || silent.has(socket) || (isDirect && !peers.hasOffer(socket))) return;
    deps.queueing(false);
    informed.add(socket);
    if (isDirect) return peers.answer(socket);
    deps.roomTold(socket);
    say(socket, modelRoomInfo(sockets.indexOf(socket)));
  }

  function queue(socket: MemorySocket): void {
    if (socket.state !== 'open' || silent.has(socket)) return;
    say(socket, { type: 'queue_position', position: 1 + chance.below(5), queue_size: 5 });
    deps.queueing(true);
    later(() => tellRoom(socket), chance.is(0.5) ? usual() : 100_000);
  }

  function takeWish(socket: MemorySocket, message: Record<string, unknown>, owner: Received['owner']): void {
    const kind = message.type === 'prompt' ? 'prompt' : 'image';
    const item: Received = {
      socket,
      owner,
      kind,
      prompt: message.prompt as string | null | undefined,
      image: (message.image_data ?? message.image_ref ?? (kind === 'image' ? null : undefined)) as Received['image'],
      receivedMs: scheduler.now(),
      outcome: silent.has(socket) ? 'ignored' : chance.is(temper.refused) ? 'refused' : 'accepted',
      answer: null,
      answeredMs: null,
      isLost: false,
    };
    deps.received(item);
    if (item.outcome === 'ignored' || chance.is(temper.lost)) return lose(item);
    open.add(item);
    const lane = kind === 'image' ? 'image' : `prompt ${item.prompt}`;
    const lanes = due.get(socket) ?? new Map<string, number>();
    due.set(socket, lanes);
    const delayMs = chance.is(temper.late) ? 10_000 + chance.below(LATE_MS - 10_000) : usual();
    const at = Math.max(lanes.get(lane) ?? 0, scheduler.now() + delayMs);
    lanes.set(lane, at);
    const isError = chance.is(temper.error);
    later(() => answer(item, isError), at - scheduler.now());
  }

  function lose(item: Received): void {
    open.delete(item);
    lost.add(item);
    item.isLost = true;
    deps.losing(item);
  }

  function settle(item: Received, answer: Received['answer']): void {
    open.delete(item);
    item.answer = answer;
    item.answeredMs = scheduler.now();
    deps.answering(item);
  }

  function answer(item: Received, isError: boolean): void {
    const { socket, kind, prompt, outcome } = item;
    if (socket.state !== 'open' || !open.has(item)) return;
    if (silent.has(socket) || !deps.isAwaited(item)) return lose(item);
    if (isError) return fail(socket, kind === 'image' ? 'The image was rejected.' : 'The prompt was rejected.');
    settle(item, outcome === 'accepted' ? 'accepted' : 'refused');
    const success = outcome === 'accepted';
    const error = success ? null : 'The service does not like it.';
    if (kind === 'image') say(socket, { type: 'set_image_ack', success, error });
    else say(socket, { type: 'prompt_ack', prompt: prompt ?? '', success, error });
  }

  function fail(socket: MemorySocket, error: string): void {
    if (socket.state !== 'open' || silent.has(socket)) return;
    for (const item of [...open].filter((each) => each.socket === socket)) {
      item.outcome = 'refused';
      settle(item, 'error');
    }
    for (const item of [...lost].filter((each) => each.socket === socket)) {
      lost.delete(item);
      settle(item, 'error');
    }
    say(socket, { type: 'error', error });
  }

  function accept(room: MemoryRoom): void {
    if (room.state !== 'joining') return;
    if (chance.is(temper.refused)) return room.fail({ code: 'WEBRTC_ICE_ERROR', message: 'No way in.' });
    room.accept({ publish: false });
    later(() => publish(room), usual());
  }

  function publish(room: MemoryRoom): void {
    if (room.state !== 'joined') return;
    room.acceptPublished();
    later(() => start(room), usual());
  }

  function start(room: MemoryRoom): void {
    if (room.state !== 'published') return;
    room.publishRemote();
    room.firstFrame();
  }

  return {
    peers,
    say,
    fail,
    queue,
    offer: (socket) => peers.offer(socket),
    sessionIdOf: (socket) => sessionIds.get(socket) ?? null,
    isSilent: (socket) => silent.has(socket),
    isQuiet: (socket) => scheduler.now() - (saidMs.get(socket) ?? Number.NEGATIVE_INFINITY) >= QUIET_MS,
    clockSet: () => saidMs.clear(),
    sendAway(socket) {
      if (!informed.has(socket)) return;
      say(socket, modes.get(socket) === 'direct' ? modelSessionId(-1) : modelRoomInfo(-1));
    },
    silence(socket) {
      if (informed.has(socket)) silent.add(socket);
    },
    onSocket(socket) {
      sockets.push(socket);
      socket.received$.subscribe((frame) => take(socket, frame));
      if (chance.is(temper.lost / 2)) return;
      const refusal = chance.is(temper.refused) ? chance.pick([503, 502, 401]) : null;
      later(() => {
        if (socket.state !== 'connecting') return;
        if (refusal === null) socket.accept();
        else socket.refuse(refusal);
      }, usual());
    },
    onRoom(room) {
      const socket = sockets.at(-1);
      if (chance.is(temper.lost / 2)) return;
      if (room.request.iceServers === undefined) return later(() => accept(room), usual());
      if (socket !== undefined) peers.open(room, socket);
    },
  };
}

import type { Failure } from '../../core/errors.js';
import type { ConnectionState, SessionState } from '../../core/session/machine/state.js';
import type { SessionStep } from '../../core/session/runtime/loop.js';
import type { MemoryNetwork, MemoryRoom, MemorySocket } from '../../transports/memory/index.js';
import type { Ledger } from '../ledger.js';
import { isOpenAt, type ModelCall, turnMs } from './calls.js';
import { type Received, ServiceLedger } from './ledger.js';
import type { WatchedSession } from './session-watch.js';
import { CallerWishes, dimensions, valueIn } from './wishes.js';

/** Prompts are sent with their call, images when they have their turn. */
function ownerOf(type: 'prompt' | 'set_image', event: SessionStep['event'], state: SessionState): number | 'initial' {
  if (type === 'prompt') return event.type === 'caller.promptRequested' ? event.requestId : 'initial';
  const sent = state.images.find(({ stage }) => stage === 'sent');
  if (sent === undefined) throw new Error('An image is sent that the state does not list.');
  return sent.waiting === 'handshake' ? 'initial' : sent.id;
}

const legal: Readonly<Record<ConnectionState, readonly ConnectionState[]>> = {
  disconnected: ['connecting'],
  connecting: ['connected', 'disconnected'],
  connected: ['generating', 'reconnecting', 'disconnected'],
  generating: ['reconnecting', 'disconnected'],
  reconnecting: ['connected', 'disconnected'],
};

/** What the service knows of its side. */
export interface ServiceView {
  isQuiet(socket: MemorySocket): boolean;
  /** What it has called the session on this socket. */
  sessionIdOf(socket: MemorySocket): string | null;
  /** Throws when a signal of one peer connection has not reached the other one. */
  checkPeers(socket: MemorySocket): void;
}

/** What is checked at all times. Each method throws when it sees what must not be. */
export class ModelObserver {
  readonly service = new ServiceLedger();
  readonly wishes = new CallerWishes(this.service);
  readonly calls: ModelCall[] = [];
  /** Calls whose end only the loop's steps say. */
  readonly followed = new Set<ModelCall>();
  /** Since when the connect budget has been running; `null`: nothing is pending, or it is suspended. */
  budgetSinceMs: number | null = null;
  readonly sessions: WatchedSession[] = [];
  /** The network is just reporting that this room is lost. */
  lostRoom: MemoryRoom | null = null;
  /** The last call was `disconnect()`. */
  mustBeOver = false;
  #status: ConnectionState = 'disconnected';
  #state: SessionState | null = null;
  #checkedState: SessionState | null = null;
  #restoringSinceMs: number | null = null;
  #hasInitialState = false;
  /** What became of the intent was said while reconnecting. */
  #isRestoreTold = false;
  #owners: (number | 'initial')[] = [];
  readonly #settledRequests = new Set<number>();
  /** How many there were, by the first of those whose acks look the same. */
  readonly #falseTimeouts = new Map<Received, number>();
  /** When the initial state of the present try was settled. */
  #initialOpenUntilMs = 0;

  constructor(
    readonly view: ServiceView,
    readonly network: MemoryNetwork,
    readonly ledger: Ledger,
    readonly now: () => number,
  ) {}

  /** A turn of the loop: finds whose each message on the wire is, before it is sent. */
  step({ event, state, effects }: SessionStep): void {
    for (const effect of effects) {
      if (effect.type !== 'socket.send') continue;
      const { type } = effect.message;
      if (type === 'prompt' || type === 'set_image') this.#owners.push(ownerOf(type, event, state));
    }
    if (event.type === 'caller.promptRequested' || event.type === 'caller.imageRequested') {
      const call = this.calls.find(({ requestId, settled, isGivenUp }) => requestId === null && !settled && !isGivenUp);
      if (!call) throw new Error('A request is made that was taken back.');
      call.requestId = event.requestId;
      if (event.type === 'caller.imageRequested' && !event.hasImage) call.readyMs = this.now();
    }
    if (event.type === 'image.read') {
      const call = this.calls.find(({ requestId }) => requestId === event.readId);
      if (call) call.readyMs = this.now();
    }
    if (event.type === 'caller.connectRequested' && state.status === 'connecting' && state.attempt !== null)
      this.wishes.begin(event.plan.initialPrompt?.text ?? null);
    if (event.type === 'image.read' && 'connection' in state && state.connection.connectId === event.readId)
      this.wishes.initialImageRead('data' in event.image ? event.image.data : event.image.ref);
    for (const effect of effects) {
      if (effect.type === 'request.settle') this.#orderSettled(effect.requestId, effect.failure);
      if (effect.type === 'connect.resolve' || effect.type === 'connect.end') this.budgetSinceMs = null;
      // While a slot is waited for, the budget does not run.
      if (effect.type === 'output.emit' && effect.output.type === 'diagnostic')
        if (effect.output.diagnostic.name === 'capacityWait') this.budgetSinceMs = null;
      if (effect.type === 'socket.open' && state.status !== 'disconnected' && state.connection.pending)
        this.budgetSinceMs ??= this.now();
    }
    this.#checkEnd(event, state);
  }

  #orderSettled(requestId: number, failure: Failure | null): void {
    if (this.#settledRequests.has(requestId)) throw new Error(`Request ${requestId} is settled twice.`);
    this.#settledRequests.add(requestId);
    const call = this.calls.find((other) => other.requestId === requestId);
    if (call && this.followed.has(call)) this.settled(call, failure === null, failure?.code ?? 'done');
  }

  nextOwner(): number | 'initial' {
    const owner = this.#owners.shift();
    if (owner === undefined) throw new Error('A message was sent that no turn of the loop asked for.');
    return owner;
  }

  joined(hasInitialState: boolean): void {
    this.#hasInitialState = hasInitialState;
    const state = this.#state;
    if (!state || state.status === 'disconnected' || state.connection.initialImage === 'reading') return;
    if (((state.intent.prompt ?? state.intent.image) !== null) !== hasInitialState)
      throw new Error(`The join says ${hasInitialState ? 'an' : 'no'} initial state follows.`);
  }

  /** Direct WebRTC: the first offer comes when the initial state is in force, and that is all that is intended. */
  offered(socket: MemorySocket): void {
    const state = this.#state;
    const initial = this.service.items.filter((item) => item.owner === 'initial' && item.socket === socket);
    if (initial.some(({ answer }) => answer !== 'accepted'))
      throw new Error('An offer is made before the initial state is accepted.');
    if (!state || state.status === 'disconnected') return;
    const { intent, connection } = state;
    const asked = [initial.at(-1)?.prompt ?? null, initial.at(-1)?.image ?? null];
    const wanted = dimensions.map((dimension) => valueIn(intent, dimension));
    if (JSON.stringify(asked) !== JSON.stringify(wanted))
      throw new Error(`The initial state is ${asked}; intended are ${wanted}.`);
    if (initial.length !== (connection.localStream === 'none' && asked.every((value) => value === null) ? 0 : 1))
      throw new Error(`There are ${initial.length} initial states.`);
    if (initial.length === 0) this.#hasInitialState = false;
  }

  /** An initial state is sent. In direct WebRTC the camera's own picture is asked for, too, which is none. */
  opened({ prompt, image }: Received): void {
    this.#hasInitialState = (prompt ?? image ?? null) !== null;
  }

  state(state: SessionState): void {
    this.#state = state;
    const { status } = state;
    if (state.status !== 'disconnected' && (state.attempt?.initial === 'unsent' || state.attempt?.initial === 'sent'))
      this.#initialOpenUntilMs = Number.POSITIVE_INFINITY;
    else this.#initialOpenUntilMs = Math.min(this.#initialOpenUntilMs, this.now());
    if (status === this.#status) return;
    if (!legal[this.#status].includes(status)) throw new Error(`From ${this.#status} to ${status}.`);
    if (status === 'reconnecting') {
      const [socket, room] = [this.network.sockets.at(-1), this.network.rooms.at(-1)];
      const isHeard = socket?.state === 'open' && !this.view.isQuiet(socket);
      if (isHeard && room?.state === 'published' && room !== this.lostRoom)
        throw new Error('Reconnects, though nothing is lost.');
    }
    const isBack = this.#status === 'reconnecting' && status === 'connected';
    this.#restoringSinceMs = isBack && !this.#isRestoreTold ? this.now() : null;
    if (status !== 'reconnecting') this.#isRestoreTold = false;
    if (this.#status === 'connected' && status === 'generating') this.#restoringSinceMs = null;
    this.#status = status;
  }

  restored(restored: 'replayed' | 'lost' | 'none'): void {
    const initial = this.service.items.filter(({ owner }) => owner === 'initial').at(-1);
    const isReplayed =
      initial !== undefined && initial.socket === this.network.sockets.at(-1) && this.#isAccepted(initial);
    const truth = !this.#hasInitialState ? 'none' : isReplayed ? 'replayed' : 'lost';
    // An equal prompt whose ack was lost may have taken this one's.
    const isExcused = restored === 'lost' && initial && this.service.lane(initial).some(({ isLost }) => isLost);
    if (restored !== truth && !isExcused) throw new Error(`The intent is said to be ${restored}, and is ${truth}.`);
    this.#restoringSinceMs = null;
    this.#isRestoreTold = this.#status === 'reconnecting';
  }

  settled(call: ModelCall, isDone: boolean, code: string): void {
    call.settled += 1;
    call.endMs ??= this.now();
    if (call.isGivenUp) throw new Error(`${call.name} was given up, and settles.`);
    if (call.settled > 1) throw new Error(`${call.name} settles for the ${call.settled}. time.`);
    const item = this.service.itemOf(call.requestId);
    if (code === 'WEBRTC_TIMEOUT_ERROR') this.#checkTimeout(call, item);
    if (!isDone || call.requestId === null) return;
    call.isDone = true;
    if (!item || !this.#isAccepted(item))
      throw new Error(`${call.name} is done, and the service has said ${item?.answer}.`);
    this.wishes.done(item);
  }

  /** Equal prompts in flight ask for the same: with an ack lost, a younger one's may stand for an older one's. */
  #isAccepted(item: Received): boolean {
    if (item.kind === 'image') return item.answer === 'accepted';
    const lane = this.service.lane(item);
    return lane.slice(lane.indexOf(item)).some(({ answer }) => answer === 'accepted');
  }

  /** A timeout is true when no ack came in time; one lost ack makes one of the same kind false, and no image. */
  #checkTimeout(call: ModelCall, item: Received | undefined): void {
    // Before its own limit it is the session that has timed out.
    if (call.kind === 'connect' || this.now() < call.startMs + call.limitMs) return;
    if (item === undefined) return this.#checkUnsent(call);
    if (item.answer === null || item.answer === 'error') return;
    const lane = this.service.lane(item);
    const lost = item.kind === 'image' ? 0 : lane.slice(0, lane.indexOf(item)).filter(({ isLost }) => isLost).length;
    const [first = item] = lane;
    const count = (this.#falseTimeouts.get(first) ?? 0) + 1;
    this.#falseTimeouts.set(first, count);
    if (count > lost) throw new Error(`${call.name} times out, though its ack has come; ${lost} were lost.`);
  }

  /** An image whose limit is over unsent: something was before it for most of that time. */
  #checkUnsent(call: ModelCall): void {
    const atMs = turnMs(call);
    if (call.kind !== 'image' || atMs >= call.startMs + call.limitMs) return;
    const isBefore = (other: ModelCall): boolean =>
      other.kind === 'image' && (other.requestId ?? 0) < (call.requestId ?? 0) && isOpenAt(other, atMs);
    // Its own prompt may wait for a later one's answer.
    const isHolding = (other: ModelCall): boolean =>
      other.kind === 'prompt' && (other.requestId ?? 0) > (call.requestId ?? 0) && isOpenAt(other, atMs);
    if (this.calls.some((other) => other !== call && (isBefore(other) || isHolding(other)))) return;
    if (this.#initialOpenUntilMs > atMs) return;
    throw new Error(`${call.name} was never sent, though nothing was before it.`);
  }

  /** A session that has been live is ended by its caller, by a limit of the caller's, by the service, or by a loss. */
  #checkEnd(event: SessionStep['event'], state: SessionState): void {
    const before = this.#state;
    if (state.status !== 'disconnected' || !before || before.status === 'disconnected') return;
    if (before.connection.pending || !['connected', 'generating', 'reconnecting'].includes(before.status)) return;
    const causes = /^(caller|socket|room|server)\./;
    const endsTry = event.type === 'timer.fired' || event.type === 'handshake.initialStateSettled';
    const isLastTry = before.status === 'reconnecting' && endsTry;
    const isLimit = event.type === 'timer.fired' && event.timer.kind === 'limit';
    if (!causes.test(event.type) && !isLastTry && !isLimit)
      throw new Error(`${event.type} ends a session that was ${before.status}.`);
  }

  /** After everything that was due now. */
  check(): void {
    // Older ones were looked at when they were the newest.
    const [sockets, rooms] = [this.network.sockets.slice(-5), this.network.rooms.slice(-5)];
    const aliveSockets = sockets.filter(({ state }) => state === 'connecting' || state === 'open');
    const aliveRooms = rooms.filter(({ state }) => state !== 'closing' && state !== 'closed');
    if (aliveSockets.length > 1) throw new Error(`${aliveSockets.length} sockets are alive.`);
    if (aliveRooms.length > 1) throw new Error(`${aliveRooms.length} rooms are alive.`);
    const status = this.#status;
    if (status === 'disconnected' && aliveSockets.length + aliveRooms.length > 0)
      throw new Error('Something is alive though the session is over.');
    if (status === 'connected' || status === 'generating') {
      if (aliveSockets[0]?.state !== 'open') throw new Error(`${status} with a dead socket.`);
      if (aliveRooms[0]?.state !== 'published') throw new Error(`${status} with a dead room.`);
    }
    if (this.mustBeOver && status !== 'disconnected') throw new Error(`${status} after disconnect().`);
    this.mustBeOver = false;
    const timers = this.#state?.timers.length ?? 0;
    if (status === 'disconnected' && timers > 0) throw new Error(`${timers} timers run though the session is over.`);
    if (this.ledger.open.timers !== timers)
      throw new Error(`${this.ledger.open.timers} timers run; the state knows of ${timers}.`);
    if (timers > 12 + 2 * this.calls.length) throw new Error(`${timers} timers run.`);
    if (this.#restoringSinceMs !== null && this.now() - this.#restoringSinceMs > 61_000)
      throw new Error('After the reconnect no event says whether the intent was restored.');
    this.#checkWishes();
    const isLive = status === 'connected' || status === 'generating';
    // Older ones were looked at when they had just ended.
    const newest = sockets.at(-1);
    const calledId = newest === undefined ? null : this.view.sessionIdOf(newest);
    for (const session of this.sessions.slice(-3)) session.check(calledId, isLive);
    if (newest !== undefined) this.view.checkPeers(newest);
    for (const call of this.calls.slice(-20)) {
      if (call.endMs === null && this.now() > call.startMs + call.limitMs + 1000)
        throw new Error(`${call.name} outlives its limit of ${call.limitMs} ms.`);
    }
    if (this.budgetSinceMs !== null && this.now() - this.budgetSinceMs > 61_000)
      throw new Error('connect() is pending beyond its budget.');
  }

  #checkWishes(): void {
    const state = this.#state;
    if (!state || state === this.#checkedState) return;
    this.#checkedState = state;
    this.wishes.checkIntent(state);
    // With nothing on its way, what the service shows is what there is to be.
    const socket = this.network.sockets.at(-1);
    if (!socket || (state.status !== 'connected' && state.status !== 'generating')) return;
    if (state.prompts.length + state.images.length > 0 || state.attempt.initial === 'unsent') return;
    this.wishes.checkShown(socket, this.calls);
  }

  /** After a long time without any activity. */
  checkIdle(): void {
    const state = this.#state;
    if (state && state.prompts.length + state.images.length > 0) throw new Error('Requests are kept for ever.');
    if (state && (state.status === 'connecting' || state.status === 'reconnecting'))
      throw new Error(`It is still ${state.status}.`);
    const open = this.calls.find(({ settled, isGivenUp, isLive }) => settled === 0 && !isGivenUp && !isLive);
    if (open) throw new Error(`${open.name} does not settle.`);
  }

  checkOver(): void {
    const state = this.#state;
    if (state?.status !== 'disconnected') throw new Error('The session does not end.');
    // Disposing of local media takes a promise, for which virtual time does not wait.
    const closing = state.closing.filter((resource) => !resource.startsWith('local:'));
    const { timers, prompts, images } = state;
    const left = [...closing, ...timers, ...prompts, ...images];
    if (left.length > 0) throw new Error(`The state keeps ${JSON.stringify(left)}.`);
    const { sockets, rooms, streams } = this.network.open;
    if (sockets + rooms + streams > 0)
      throw new Error(`${sockets} sockets, ${rooms} rooms, ${streams} streams are open.`);
    this.ledger.expectNoLeaks();
    const open = this.calls.find(({ settled, isGivenUp }) => settled === 0 && !isGivenUp);
    if (open) throw new Error(`${open.name} does not settle.`);
  }
}

import type { ConnectionState, SessionState } from '../../core/session/machine/state.js';
import type { SessionStep } from '../../core/session/runtime/loop.js';
import type { MemoryNetwork, MemoryRoom } from '../../transports/memory/index.js';
import type { Ledger } from '../ledger.js';
import { ExpectedIntent } from './intent.js';
import type { Received } from './service.js';

const legal: Readonly<Record<ConnectionState, readonly ConnectionState[]>> = {
  disconnected: ['connecting'],
  connecting: ['connected', 'disconnected'],
  connected: ['generating', 'reconnecting', 'disconnected'],
  generating: ['reconnecting', 'disconnected'],
  reconnecting: ['connected', 'disconnected'],
};

/** A call of the caller's that is to settle exactly once. */
export interface ModelCall {
  readonly name: string;
  /** Known once its turn has come. */
  requestId: number | null;
  isGivenUp: boolean;
  /** A connect that is done, whose session is not over. */
  isLive: boolean;
  settled: number;
}

/** What is checked at all times. Each method throws when it sees what must not be. */
export class ModelObserver {
  readonly intent = new ExpectedIntent();
  readonly calls: ModelCall[] = [];
  readonly received: Received[] = [];
  /** Since when the connect budget has been running; `null`: nothing is pending, or it is suspended. */
  budgetSinceMs: number | null = null;
  /** The network is just telling that this room is lost. */
  lostRoom: MemoryRoom | null = null;
  /** The last call was `disconnect()`. */
  mustBeOver = false;
  #status: ConnectionState = 'disconnected';
  #state: SessionState | null = null;
  #restoringSinceMs: number | null = null;
  #hasInitialState = false;
  #owners: (number | 'initial')[] = [];
  readonly #settledRequests = new Set<number>();

  constructor(
    readonly network: MemoryNetwork,
    readonly ledger: Ledger,
    readonly now: () => number,
  ) {}

  /** A turn of the loop: tells whose each message on the wire is, before it is sent. */
  step({ event, state, effects }: SessionStep): void {
    if (event.type === 'caller.promptRequested' || event.type === 'caller.imageRequested') {
      const call = this.calls.find(({ requestId, settled, isGivenUp }) => requestId === null && !settled && !isGivenUp);
      if (!call) throw new Error('A request is made that was taken back.');
      call.requestId = event.requestId;
    }
    if (event.type === 'caller.connectRequested' && state.status === 'connecting' && state.attempt !== null)
      this.intent.begin(event.plan.initialPrompt?.text ?? null, null);
    if (event.type === 'image.read' && 'connection' in state && state.connection.connectId === event.readId)
      this.intent.imageRead('data' in event.image ? event.image.data : event.image.ref);
    effects.forEach((effect, n) => {
      if (effect.type !== 'socket.send' || effect.message.type === 'livekit_join') return;
      const timer = effects.slice(n).find(({ type }) => type === 'timer.start');
      const started = timer?.type === 'timer.start' ? timer.timer : null;
      const initial = state.status === 'disconnected' ? null : (state.attempt?.initialRequestId ?? null);
      const id = started?.kind === 'ack' ? started.requestId : initial;
      this.#owners.push(id === null || id === initial ? 'initial' : id);
    });
    for (const effect of effects) {
      if (effect.type === 'request.settle') this.#orderSettled(effect.requestId);
      if (effect.type === 'connect.settle' || effect.type === 'connect.end') this.budgetSinceMs = null;
      if (effect.type === 'socket.open' && state.status !== 'disconnected' && state.connection.pending)
        this.budgetSinceMs ??= this.now();
    }
  }

  #orderSettled(requestId: number): void {
    if (this.#settledRequests.has(requestId)) throw new Error(`Request ${requestId} is settled twice.`);
    this.#settledRequests.add(requestId);
  }

  nextOwner(): number | 'initial' {
    const owner = this.#owners.shift();
    if (owner === undefined) throw new Error('A message was sent that no turn of the loop asked for.');
    return owner;
  }

  joined(hasInitialState: boolean): void {
    this.#hasInitialState = hasInitialState;
    const isNothing = this.intent.isNothing;
    const isReading = this.#state?.status !== 'disconnected' && this.#state?.connection.initialImage === 'reading';
    if (isNothing !== null && !isReading && isNothing === hasInitialState)
      throw new Error(`The join says ${hasInitialState ? 'an' : 'no'} initial state follows.`);
  }

  state(state: SessionState): void {
    this.#state = state;
    const { status } = state;
    if (status === this.#status) return;
    if (!legal[this.#status].includes(status)) throw new Error(`From ${this.#status} to ${status}.`);
    if (status === 'reconnecting') {
      const [socket, room] = [this.network.sockets.at(-1), this.network.rooms.at(-1)];
      if (socket?.state === 'open' && room?.state === 'published' && room !== this.lostRoom)
        throw new Error('Reconnects, though nothing is lost.');
    }
    this.#restoringSinceMs = this.#status === 'reconnecting' && status === 'connected' ? this.now() : null;
    if (this.#status === 'connected' && status === 'generating') this.#restoringSinceMs = null;
    this.#status = status;
  }

  restored(restored: 'replayed' | 'lost' | 'none'): void {
    const initial = this.received.filter(({ owner }) => owner === 'initial').at(-1);
    const isReplayed =
      initial !== undefined && initial.socket === this.network.sockets.at(-1) && this.#isAccepted(initial);
    const truth = !this.#hasInitialState ? 'none' : isReplayed ? 'replayed' : 'lost';
    if (restored !== truth) throw new Error(`The intent is said to be ${restored}, and is ${truth}.`);
    this.#restoringSinceMs = null;
  }

  settled(call: ModelCall, isDone: boolean): void {
    call.settled += 1;
    if (call.isGivenUp) throw new Error(`${call.name} was given up, and settles.`);
    if (call.settled > 1) throw new Error(`${call.name} settles for the ${call.settled}. time.`);
    if (!isDone || call.requestId === null) return;
    const item = this.received.find(({ owner }) => owner === call.requestId);
    if (!item || !this.#isAccepted(item))
      throw new Error(`${call.name} is done, and the service has said ${item?.answer}.`);
  }

  /** Equal prompts in flight ask for the same: with an ack lost, a younger one's may stand for an older one's. */
  #isAccepted(item: Received): boolean {
    const isSame = (other: Received): boolean =>
      other === item ||
      (item.kind === 'prompt' &&
        other.kind === 'prompt' &&
        other.socket === item.socket &&
        other.prompt === item.prompt);
    const since = this.received.slice(this.received.indexOf(item));
    return since.some((other) => isSame(other) && other.answer === 'accepted');
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
    if (this.#restoringSinceMs !== null && this.now() - this.#restoringSinceMs > 31_000)
      throw new Error('What became of the intent was not told.');
    if (this.budgetSinceMs !== null && this.now() - this.budgetSinceMs > 61_000)
      throw new Error('connect() is pending beyond its budget.');
  }

  /** After a long time in which nobody did anything. */
  checkIdle(): void {
    const state = this.#state;
    if (state && state.prompts.length + state.images.length > 0) throw new Error('Requests are kept for ever.');
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

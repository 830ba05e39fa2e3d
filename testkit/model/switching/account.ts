// The service of the model of switching: an account with slots, that bills what it generates.
import type { SchedulerLike } from 'rxjs';
import type { ServerMessage } from '../../../core/protocol/server-messages.js';
import type { MemoryRoom, MemorySocket } from '../../../transports/memory/index.js';
import type { Chance } from '../schedule.js';

/** The longest session that the account allows. */
export const MAX_SESSION_MS = 20_000;
/** How long a slot stays taken after a session has been left, and after one was lost. */
const LEFT_MS = 5000;
const LOST_MS = 45_000;

/** A session of the service's, from its socket on. */
export interface AccountSession {
  readonly socket: MemorySocket;
  readonly number: number;
  /** Of the app's session that it belongs to. */
  readonly chain: string;
  room: MemoryRoom | null;
  seconds: number;
  /** The prompt that it shows. */
  prompt: string | null;
  /** What it has said no to. */
  readonly refused: Set<string>;
  isEnded: boolean;
  /** When its last answer is due. */
  answeredMs: number;
  /** It sends no frame. */
  isBlind: boolean;
}

export interface AccountDeps {
  readonly chance: Chance;
  readonly scheduler: SchedulerLike;
  opened(session: AccountSession): void;
  /** A second was billed, and the client is about to know. */
  billed(session: AccountSession): void;
  /** The service ends it: the client is about to know. */
  ending(session: AccountSession, reason: string): void;
  /** The account is full. */
  full(session: AccountSession): void;
}

const reasons = ['timeout', 'insufficient_credits', 'moderation_violation', 'error', 'unheard of'];

export class Account {
  readonly sessions: AccountSession[] = [];
  /** The next joins are refused with an error that passes, or not answered. */
  nextJoin: 'refused' | 'silent' | null = null;
  isNextBlind = false;
  readonly #deps: AccountDeps;
  readonly #slots: number;
  #taken = 0;

  constructor(deps: AccountDeps) {
    this.#deps = deps;
    this.#slots = deps.chance.pick([1, 2, 2, 10]);
  }

  /** Somebody else is on the account for a while. */
  crowd(): void {
    this.#taken += 1;
    this.#later(() => this.#free(), 8000);
  }

  onSocket(socket: MemorySocket): void {
    const chain = new URL(socket.url).searchParams.get('chain') ?? '';
    const session: AccountSession = {
      ...{ socket, chain, number: this.sessions.length, room: null, seconds: 0, prompt: null },
      refused: new Set(),
      ...{ isEnded: false, answeredMs: 0, isBlind: this.isNextBlind },
    };
    this.isNextBlind = false;
    this.sessions.push(session);
    this.#deps.opened(session);
    socket.received$.subscribe((frame) => this.#take(session, JSON.parse(frame)));
    this.#later(() => socket.state === 'connecting' && socket.accept());
  }

  onRoom(room: MemoryRoom): void {
    const session = this.sessions.find(({ number }) => `token-${number}` === room.request.token);
    if (session === undefined) throw new Error('A room is joined that the service has not named.');
    session.room = room;
    this.#later(() => {
      if (room.state !== 'joining') return;
      room.accept();
      room.publishRemote();
      this.#later(() => this.#generate(session, room));
    });
  }

  /** Ends a session, and closes its socket at once, late or never. */
  end(session: AccountSession, reason: string = this.#deps.chance.pick(reasons)): void {
    const { socket } = session;
    if (socket.state !== 'open' || session.isEnded) return;
    session.isEnded = true;
    this.#deps.ending(session, reason);
    this.#say(session, { type: 'generation_ended', seconds: session.seconds, reason });
    const closes = this.#deps.chance.pick(['at once', 'late', 'never']);
    if (closes === 'at once') socket.closeByServer(1000);
    if (closes === 'late') this.#later(() => socket.closeByServer(1000), 2000);
  }

  #take(session: AccountSession, message: Record<string, unknown>): void {
    if (message.type === 'livekit_join') return this.#join(session);
    if (message.type !== 'prompt') return;
    const prompt = `${message.prompt}`;
    const isInitial = session.prompt === null && session.room === null;
    const success = isInitial || this.#deps.chance.is(0.9);
    if (success) session.prompt = prompt;
    else session.refused.add(prompt);
    const error = success ? null : 'Not that.';
    // Answers come in the order of the questions.
    const nowMs = this.#deps.scheduler.now();
    session.answeredMs = Math.max(session.answeredMs, nowMs + 1 + this.#deps.chance.below(300));
    this.#later(() => this.#say(session, { type: 'prompt_ack', prompt, success, error }), session.answeredMs - nowMs);
  }

  #join(session: AccountSession): void {
    const { socket, number } = session;
    const how = this.nextJoin;
    this.nextJoin = null;
    if (how === 'silent') return;
    if (this.#taken >= this.#slots || how === 'refused') {
      const isFull = how !== 'refused';
      if (isFull) this.#deps.full(session);
      return this.#later(() => {
        this.#say(session, { type: 'error', error: isFull ? 'Concurrent session limit reached.' : 'Try again.' });
        socket.closeByServer(isFull ? 1013 : 1011);
      });
    }
    this.#taken += 1;
    socket.received$.subscribe({
      complete: () => this.#later(() => this.#free(), socket.closedByClient === null ? LOST_MS : LEFT_MS),
    });
    this.#later(() =>
      this.#say(session, {
        type: 'livekit_room_info',
        livekit_url: 'ws://127.0.0.1:7880',
        token: `token-${number}`,
        room_name: `room-${number}`,
        session_id: `session-${number}`,
      }),
    );
    this.#later(() => this.end(session, 'timeout'), MAX_SESSION_MS);
  }

  #generate(session: AccountSession, room: MemoryRoom): void {
    if (room.state !== 'published' || session.isEnded) return;
    if (!session.isBlind) room.firstFrame();
    this.#say(session, { type: 'generation_started' });
    this.#later(() => this.#tick(session), 1000);
  }

  #tick(session: AccountSession): void {
    if (session.socket.state !== 'open' || session.isEnded) return;
    session.seconds += 1;
    this.#deps.billed(session);
    this.#say(session, { type: 'generation_tick', seconds: session.seconds });
    this.#later(() => this.#tick(session), 1000);
  }

  #free(): void {
    this.#taken -= 1;
  }

  #say({ socket }: AccountSession, message: ServerMessage): void {
    if (socket.state === 'open') socket.deliver(JSON.stringify(message));
  }

  #later(job: () => unknown, delayMs: number = 1 + this.#deps.chance.below(300)): void {
    this.#deps.scheduler.schedule(() => void job(), delayMs);
  }
}

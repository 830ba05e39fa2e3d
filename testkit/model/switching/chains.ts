// The app's sessions, each of which may run on several of the service's one after the other.
import type { AccountSession } from './account.js';

/** A session as the app sees it: from its call to its end, over renewals and reconnects. */
export interface Chain {
  readonly name: string;
  readonly how: 'connect' | 'switch';
  /** Seconds that it may cost. */
  readonly limit: number;
  readonly sessions: AccountSession[];
  /** It has been shown. */
  isShown: boolean;
  isOver: boolean;
  /** The service has ended it: no session may be opened for it any more. */
  isEnded: boolean;
  billed: number;
  /** Billed to two at a time, while one takes the other's place. */
  overlap: number;
  /** What explains that it ends. */
  readonly excuses: Set<string>;
}

/** What must hold of them at all times. Each method throws when it sees what must not be. */
export class Chains {
  readonly all: Chain[] = [];
  /** Those that have ended just now. */
  readonly #ended: Chain[] = [];

  constructor(readonly note: (line: string) => void) {}

  begin(how: Chain['how'], limit: number): Chain {
    const name = `${this.all.length}`;
    const chain: Chain = {
      ...{ name, how, limit, sessions: [], isShown: false, isOver: false, isEnded: false },
      ...{ billed: 0, overlap: 0, excuses: new Set<string>() },
    };
    this.all.push(chain);
    return chain;
  }

  of(session: AccountSession): Chain {
    const chain = this.all[Number(session.chain)];
    if (chain === undefined) throw new Error('A session is opened that nobody asked for.');
    return chain;
  }

  opened(session: AccountSession): void {
    const chain = this.of(session);
    chain.sessions.push(session);
    this.note(`  > session-${session.number} of ${chain.name}`);
    if (chain.isEnded) throw new Error(`Session ${chain.name} is opened, though the service has ended it.`);
    if (chain.isOver) throw new Error(`Session ${chain.name} is opened, though it is over.`);
  }

  billed(session: AccountSession): void {
    const chain = this.of(session);
    chain.billed += 1;
    if (this.#running(chain).length > 1) chain.overlap += 1;
    if (chain.billed > chain.limit) chain.excuses.add('limit');
    if (chain.billed > chain.limit + 1 + chain.overlap)
      throw new Error(`Session ${chain.name} is billed ${chain.billed} s; its limit is ${chain.limit}.`);
  }

  ending(session: AccountSession, reason: string): void {
    const chain = this.of(session);
    this.note(`  < session-${session.number} of ${chain.name} is ended: ${reason}`);
    // A renewal that is ended before it is shown leaves the one that is.
    if (this.#running(chain)[0] !== session) return;
    chain.excuses.add('ended');
    chain.isEnded = true;
  }

  excuse(name: string, why: string): void {
    this.all[Number(name)]?.excuses.add(why);
  }

  /** The account is full: a session that was to take another's place may have to wait for its slot. */
  full(name: string): void {
    this.excuse(name, 'full');
    const chain = this.all[Number(name)];
    if (chain?.how !== 'switch' || chain.isShown) return;
    for (const other of this.all) if (other !== chain) other.excuses.add('made room');
  }

  shown(chain: Chain): void {
    if (chain.isShown) return;
    chain.isShown = true;
    // It has taken the place of all others.
    for (const other of this.all) if (other !== chain) other.excuses.add('replaced');
  }

  over(chain: Chain, how: string): void {
    this.note(`  = ${chain.name} ${how}`);
    if (chain.isOver) throw new Error(`Session ${chain.name} ends twice.`);
    chain.isOver = true;
    if (how === 'ABORTED' && chain === this.all.at(-1) && !chain.excuses.has('disconnect'))
      throw new Error(`Session ${chain.name} is called off by nobody.`);
    // One that was never shown may fail for whatever its try has met.
    if (chain.isShown) this.#ended.push(chain);
  }

  /** After everything that was due now. */
  check(): void {
    for (const { name, excuses, billed, limit } of this.#ended.splice(0))
      if (excuses.size === 0 && billed < limit) throw new Error(`Session ${name} ends for no reason.`);
    for (const chain of this.all.slice(-4)) {
      if (chain.isOver && this.#running(chain).length > 0) throw new Error(`Session ${chain.name} is over and open.`);
      if (chain.isEnded && !chain.isOver)
        throw new Error(`Session ${chain.name} goes on, though the service ended it.`);
    }
  }

  /** After a long time: what is not shown has failed. */
  checkIdle(): void {
    const waiting = this.all.find(({ isShown, isOver }) => !isShown && !isOver);
    if (waiting) throw new Error(`Session ${waiting.name} neither comes up nor fails.`);
  }

  #running = ({ sessions }: Chain): AccountSession[] => sessions.filter(({ socket }) => socket.state === 'open');
}

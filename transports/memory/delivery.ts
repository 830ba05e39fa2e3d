import type { SchedulerLike } from 'rxjs';

/**
 * Hands events over one at a time and in order, never from inside a call of the client's: what arises there goes
 * through the scheduler, without delay. Anything else is handed over at once.
 */
export class Delivery {
  readonly #queue: (() => void)[] = [];
  #calls = 0;
  #draining = false;
  #scheduled = false;

  constructor(readonly scheduler: SchedulerLike) {}

  post(job: () => void): void {
    this.#queue.push(job);
    if (this.#calls === 0) this.#drain();
    else this.#schedule();
  }

  /** Runs a call of the client's. */
  during(call: () => void): void {
    this.#calls += 1;
    try {
      call();
    } finally {
      this.#calls -= 1;
    }
  }

  #schedule(): void {
    // While draining, the loop picks it up once the call has returned.
    if (this.#scheduled || this.#draining) return;
    this.#scheduled = true;
    this.scheduler.schedule(() => {
      this.#scheduled = false;
      this.#drain();
    });
  }

  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let job = this.#queue.shift(); job; job = this.#queue.shift()) job();
    } finally {
      this.#draining = false;
    }
  }
}

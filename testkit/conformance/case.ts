import type { Observable, Subscription } from 'rxjs';

/**
 * One named obligation of a port. `run` rejects with an error that says what went wrong and what had been seen.
 * Any test runner will do: `for (const { name, run } of cases) test(name, run);`
 */
export interface ConformanceCase {
  /** The obligation, in words. */
  readonly name: string;
  /** Resolves when the obligation is kept. Everything it opened is closed then. */
  run(): Promise<void>;
}

/** Builds a case that gets a stage of its own, which is always taken down. */
export function onStage<S extends { stop(): Promise<void> }>(
  start: () => Promise<S>,
): (name: string, body: (stage: S) => Promise<void>) => ConformanceCase {
  return (name, body) => ({
    name,
    async run() {
      const stage = await start();
      try {
        await body(stage);
      } finally {
        await stage.stop();
      }
    },
  });
}

export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

export function checkEqual(actual: unknown, expected: unknown, what: string): void {
  const [seen, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (seen !== wanted) throw new Error(`${what}: expected ${brief(wanted)}, got ${brief(seen)}.`);
}

/** `promise`, or an error when it takes too long. */
export async function within<T>(promise: Promise<T>, limitMs: number, what: () => string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited ${limitMs} ms for ${what()}.`)), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Subscribes to a port's events, keeps them, and waits for them. */
export class Recorder<E extends { readonly type: string }> {
  readonly events: E[] = [];
  /** Called with each event as it comes. */
  onEvent: ((event: E) => void) | null = null;
  readonly #events$: Observable<E>;
  readonly #limitMs: number;
  #state: 'idle' | 'live' | 'complete' | 'failed' | 'unsubscribed' = 'idle';
  #subscription: Subscription | null = null;
  #inCall = false;
  #violations: string[] = [];
  #waiting: (() => void)[] = [];

  constructor(events$: Observable<E>, limitMs: number) {
    this.#events$ = events$;
    this.#limitMs = limitMs;
  }

  get types(): string[] {
    return this.events.map(({ type }) => type);
  }

  start(): this {
    this.#state = 'live';
    this.#subscription = this.#events$.subscribe({
      next: (event) => {
        if (this.#inCall) this.#violations.push(`\`${event.type}\` was emitted from inside a call`);
        if (this.#state === 'unsubscribed') this.#violations.push(`\`${event.type}\` came after unsubscribing`);
        this.events.push(event);
        this.onEvent?.(event);
        this.#wake();
      },
      error: (error: unknown) => {
        this.#state = 'failed';
        this.#violations.push(`the events errored: ${String(error)}`);
        this.#wake();
      },
      complete: () => {
        if (this.#inCall) this.#violations.push('completed from inside a call');
        this.#state = 'complete';
        this.#wake();
      },
    });
    return this;
  }

  unsubscribe(): void {
    this.#state = 'unsubscribed';
    this.#subscription?.unsubscribe();
  }

  /** Makes a call that may neither throw nor emit. */
  call(name: string, call: () => void): void {
    const nested = this.#inCall;
    this.#inCall = true;
    try {
      call();
    } catch (error) {
      this.#violations.push(`${name} threw: ${String(error)}`);
    } finally {
      this.#inCall = nested;
    }
  }

  /** Waits until `count` events of a type have come. */
  async until(type: E['type'], count = 1): Promise<void> {
    await this.untilSeen(
      (events) => events.filter((event) => event.type === type).length >= count,
      count === 1 ? `\`${type}\`` : `${count} × \`${type}\``,
    );
  }

  async untilSeen(predicate: (events: readonly E[]) => boolean, what: string): Promise<void> {
    await this.#wait(() => predicate(this.events), what);
    this.checkRules();
  }

  /** Waits until the events complete, and checks that the last of them, and only that, is `closed`. */
  async ended(): Promise<void> {
    await this.#wait(() => this.#state === 'complete', 'the events to complete');
    this.checkRules();
    const closed = this.types.filter((type) => type === 'closed').length;
    check(closed === 1 && this.types.at(-1) === 'closed', `\`closed\` must come once and last, but: ${this.seen()}.`);
  }

  checkRules(): void {
    check(this.#violations.length === 0, `${this.#violations.join('; ')}. Seen: ${this.seen()}.`);
  }

  seen(): string {
    return this.types.length > 12 ? `${this.types.slice(0, 12).join(', ')}, …` : this.types.join(', ') || 'nothing';
  }

  async #wait(ready: () => boolean, what: string): Promise<void> {
    const done = new Promise<void>((resolve) => {
      const look = () => {
        if (ready()) resolve();
        else this.#waiting.push(look);
      };
      look();
    });
    const stopped = new Promise<void>((resolve, reject) => {
      const look = () => {
        if (this.#state === 'live' || this.#state === 'unsubscribed') this.#waiting.push(look);
        else if (!ready())
          reject(new Error(`The events ended (${this.#state}) without ${what}. Seen: ${this.seen()}.`));
        else resolve();
      };
      look();
    });
    await within(Promise.race([done, stopped]), this.#limitMs, () => `${what}; seen: ${this.seen()}`);
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const look of waiting) look();
  }
}

function brief(text: string | undefined): string {
  return text && text.length > 200 ? `${text.slice(0, 200)}…` : String(text);
}

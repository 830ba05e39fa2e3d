/** Hands over each item once, in order, to the present or next reader. */
export class Mailbox<T> {
  readonly #things: T[] = [];
  readonly #takers: ((thing: T) => void)[] = [];

  put(thing: T): void {
    const taker = this.#takers.shift();
    if (taker) taker(thing);
    else this.#things.push(thing);
  }

  take(): Promise<T> {
    const [thing] = this.#things.splice(0, 1);
    if (thing !== undefined) return Promise.resolve(thing);
    return new Promise((resolve) => this.#takers.push(resolve));
  }
}

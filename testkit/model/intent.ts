import type { Received } from './service.js';

interface Wish<T> {
  readonly value: T;
  /** Of the request that made it; 0 for the initial one. */
  readonly requestId: number;
}

/**
 * What a client has to restore after a loss, worked out from what the service has answered: the latest acknowledged
 * prompt and image.
 */
export class ExpectedIntent {
  #prompt: Wish<string | null> = { value: null, requestId: 0 };
  #image: Wish<string | null> = { value: null, requestId: 0 };
  /** An ack was lost: what the client takes the service to show is a matter of luck, until it says so itself. */
  #isUncertain = false;
  #sent: { prompt: Wish<string | null>; image: Wish<string | null> } | null = null;

  begin(prompt: string | null, image: string | null): void {
    this.#prompt = { value: prompt, requestId: 0 };
    this.#image = { value: image, requestId: 0 };
    this.#isUncertain = false;
    this.#sent = null;
  }

  /** The initial image has been read. */
  imageRead(image: string): void {
    this.#image = { value: image, requestId: 0 };
  }

  lost(): void {
    this.#isUncertain = true;
  }

  get isNothing(): boolean | null {
    if (this.#isUncertain) return null;
    return this.#prompt.value === null && this.#image.value === null;
  }

  answered({ owner, kind, prompt, image, answer }: Received): void {
    if (owner === 'initial') {
      if (answer !== 'refused' || this.#sent === null) return;
      if (this.#prompt === this.#sent.prompt) this.#prompt = { ...this.#prompt, value: null };
      if (this.#image === this.#sent.image) this.#image = { ...this.#image, value: null };
      return;
    }
    if (answer !== 'accepted') return;
    if (prompt !== undefined && owner > this.#prompt.requestId) this.#prompt = { value: prompt, requestId: owner };
    if (kind === 'image' && owner > this.#image.requestId) this.#image = { value: image ?? null, requestId: owner };
  }

  /** The client sends an initial state: throws when it is another than the one that is due. */
  sent({ kind, prompt, image }: Received): void {
    const actual = { prompt: prompt ?? null, image: kind === 'image' ? (image ?? null) : null };
    if (this.#isUncertain) {
      this.#prompt = { ...this.#prompt, value: actual.prompt };
      this.#image = { ...this.#image, value: actual.image };
      this.#isUncertain = false;
    }
    this.#sent = { prompt: this.#prompt, image: this.#image };
    const expected = { prompt: this.#prompt.value, image: this.#image.value };
    if (actual.prompt === expected.prompt && actual.image === expected.image) return;
    throw new Error(`The initial state is ${JSON.stringify(actual)}, not the latest wish ${JSON.stringify(expected)}.`);
  }
}

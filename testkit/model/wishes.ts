import type { Intent, SessionState } from '../../core/session/machine/state.js';
import type { MemorySocket } from '../../transports/memory/index.js';
import type { ModelCall } from './calls.js';
import type { Dimension, Received, ServiceLedger } from './ledger.js';

interface Wish {
  readonly value: string | null;
  /** Of the call that made it. */
  readonly requestId: number;
  readonly socket: MemorySocket;
}

export const dimensions = ['prompt', 'image'] as const;

export const valueIn = (intent: Intent, dimension: Dimension): string | null => {
  if (dimension === 'prompt') return intent.prompt?.text ?? null;
  return intent.image === null ? null : 'data' in intent.image ? intent.image.data : intent.image.ref;
};

/** Direct WebRTC: the camera's own picture. */
const asksForNothing = ({ owner, prompt, image }: Received): boolean =>
  owner === 'initial' && (prompt ?? image ?? null) === null;

/**
 * The last request reported to the caller as done, in each dimension: it must be shown and restored, and nothing else.
 */
export class CallerWishes {
  #done: Record<Dimension, Wish | null> = { prompt: null, image: null };
  #initial: Record<Dimension, string | null> = { prompt: null, image: null };

  constructor(readonly ledger: ServiceLedger) {}

  begin(prompt: string | null): void {
    this.#done = { prompt: null, image: null };
    this.#initial = { prompt, image: null };
  }

  initialImageRead(image: string): void {
    this.#initial.image = image;
  }

  done({ owner, prompt, image, kind, socket }: Received): void {
    if (owner === 'initial') return;
    const wish = (value: string | null): Wish => ({ value, requestId: owner, socket });
    if (prompt !== undefined && owner > (this.#done.prompt?.requestId ?? 0)) this.#done.prompt = wish(prompt);
    if (kind === 'image' && owner > (this.#done.image?.requestId ?? 0)) this.#done.image = wish(image ?? null);
  }

  /** The intent is the last request reported as done; before that the initial state, unless the service refused it. */
  checkIntent(state: SessionState): void {
    if (state.status === 'disconnected') return;
    for (const dimension of dimensions) {
      const actual = valueIn(state.intent, dimension);
      const done = this.#done[dimension];
      if (done !== null) {
        if (actual !== done.value && !(actual === null && this.#isRestoreRefused(done)))
          throw new Error(`The intended ${dimension} is ${actual}, not ${done.value}.`);
      } else {
        const initial = this.#initial[dimension];
        if (actual !== initial && actual !== null)
          throw new Error(`The intended ${dimension} is ${actual}, which was never reported as done.`);
        if (actual !== null && this.#isRefused(dimension))
          throw new Error(`The intended ${dimension} is ${actual}, which was refused.`);
      }
    }
  }

  /** The service has said no to the initial state, and nothing makes it doubtful which ack that was. */
  #isRefused(dimension: Dimension): boolean {
    const item = this.ledger.items.filter(({ owner }) => owner === 'initial').at(-1);
    if (item?.answer !== 'refused' || item.socket.state !== 'open' || item[dimension] === undefined) return false;
    return this.ledger.lane(item)[0] === item;
  }

  /** It was restored after a loss, and the service has said no. */
  #isRestoreRefused({ socket }: Wish): boolean {
    return this.ledger.items.some(
      (item) =>
        item.owner === 'initial' &&
        item.socket !== socket &&
        this.ledger.lane(item).some(({ answer }) => answer === 'refused' || answer === 'error'),
    );
  }

  /** The service shows the last request reported as done; what failed later may have changed that. */
  checkShown(socket: MemorySocket, calls: readonly ModelCall[]): void {
    for (const dimension of dimensions) {
      const done = this.#done[dimension];
      if (done === null) continue;
      const shown = this.ledger.shown(socket, dimension);
      if (shown?.[dimension] === done.value) continue;
      // Restored, and refused or not answered: that was said.
      if ((shown === undefined || asksForNothing(shown)) && done.socket !== socket) continue;
      const call = calls.find(({ requestId }) => requestId === shown?.owner);
      const isLaterFailure = call !== undefined && !call.isDone && (call.requestId ?? 0) > done.requestId;
      if (isLaterFailure) continue;
      throw new Error(
        `The service shows the ${dimension} ${shown?.[dimension]} of ${shown?.owner}; reported as done was ${done.value}.`,
      );
    }
  }
}

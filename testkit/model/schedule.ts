import { nextRandom } from '../../core/session/machine/retry-policy.js';

/** Random numbers from a seed: the same ones for the same seed. */
export interface Chance {
  /** 0..1 */
  next(): number;
  /** 0..n-1 */
  below(n: number): number;
  pick<T>(from: readonly T[]): T;
  /** True with this probability. */
  is(probability: number): boolean;
}

export function createChance(seed: number): Chance {
  let state = seed | 0;
  const next = (): number => {
    const [value, following] = nextRandom(state);
    state = following;
    return value;
  };
  const below = (n: number): number => Math.floor(next() * n);
  return {
    next,
    below,
    pick: (from) => pickAt(from, below(from.length)),
    is: (probability) => next() < probability,
  };
}

function pickAt<T>(from: readonly T[], n: number): T {
  if (n >= from.length) throw new Error('There is nothing to pick from.');
  return from[n] as T;
}

export const faults = [
  'socketLost',
  'socketRefused',
  'roomLost',
  'roomClosed',
  'serverError',
  'imageError',
  'silence',
  'invalidSession',
  'garbage',
  'strayAck',
  'queued',
  'roomInfoAgain',
  'serverOffer',
  'mediaReconnecting',
  'tracksChanged',
  'generating',
  'accountFull',
  'billed',
  'ended',
] as const;

/** What an ended connection may still say, against all rules of the ports. */
export const echoes = [
  'roomInfo',
  'answer',
  'promptAck',
  'imageAck',
  'error',
  'roomPublished',
  'roomSignal',
  'roomLost',
  'roomClosed',
] as const;

export const reentries = [
  'connect',
  'disconnect',
  'connectThenDisconnect',
  'prompt',
  'promptCancelled',
  'connectCancelled',
] as const;

/** One thing that a caller, the network or the clock does. Plain data, so that a schedule can be kept as a fixture. */
export type ModelStep =
  /**
   * `wish`: bits for prompt, image, bundled handshake, no hold, own camera, few retries, an image that cannot be
   * read, limits, waiting for a slot, direct WebRTC. There, the third one is for no local media instead.
   */
  | { readonly type: 'connect'; readonly wish: number }
  | { readonly type: 'disconnect' }
  | { readonly type: 'release' }
  /** Unsubscribes from, or aborts, the connect made last. */
  | { readonly type: 'leave' }
  | { readonly type: 'abort' }
  /** `text`: one of a few, so that equal ones meet. */
  | { readonly type: 'prompt'; readonly text: number; readonly timeoutMs: number | null }
  /** The same prompt as the last, with a short limit. */
  | { readonly type: 'again' }
  /** `image`: what kind, by how it is read. `text`: which prompt rides along, 0 to 4; 0 is none, 1 clears it. */
  | { readonly type: 'image'; readonly image: ImageKind; readonly text: number; readonly timeoutMs: number | null }
  /** Prompt and image in one call, or either: `set()`. */
  | {
      readonly type: 'set';
      readonly image: ImageKind | null;
      readonly text: number;
      readonly timeoutMs: number | null;
    }
  /** Gives up one of the requests that are pending. */
  | { readonly type: 'cancel'; readonly which: number }
  | { readonly type: 'fault'; readonly fault: (typeof faults)[number] }
  | { readonly type: 'echo'; readonly echo: (typeof echoes)[number] }
  /** A call from inside a subscriber, at the next change of state. */
  | { readonly type: 'reenter'; readonly call: (typeof reentries)[number] }
  | { readonly type: 'wait'; readonly ms: number }
  /** The clock is set, forward or back, while timers run on. */
  | { readonly type: 'jump'; readonly ms: number };

/** A whole run: the seed decides what the service and the network do, the steps what everybody else does. */
export interface Schedule {
  /** Any whole number. */
  readonly seed: number;
  /** In order. The run ends with an hour of rest and a disconnect, which are no steps. */
  readonly steps: readonly ModelStep[];
}

/** What a caller passes as an image, by how it is read. */
export const imageKinds = [
  'none',
  'base64',
  'other',
  'file',
  'foreign',
  'slow',
  'crawling',
  'endless',
  'missing',
] as const;

export type ImageKind = (typeof imageKinds)[number];

/** What rides along with an image: nothing, a cleared prompt, or a text. */
export const riders = [undefined, null, 'a', 'b', 'c'] as const;

/** A slow initial image with a prompt, not held: callers meet it half-way. */
const MEETING = 0b1011;

/** Of the wishes for direct WebRTC every third: there are no two ways to hand an initial state over. */
const direct = [...Array(512).keys()].filter((wish) => wish % 3 === 0).map((wish) => 512 + wish);

export const connectWishes = [...Array(512).keys(), ...Array<number>(90).fill(MEETING), ...direct];

/** Which text: equal ones meet often. */
export const texts = [0, 0, 0, 1, 2] as const;

export const limits = [null, null, 1000, 5000] as const;

export const waits = [1, 20, 100, 700, 3000, 14_000, 16_000, 31_000, 61_000] as const;

/** How often each step is taken, by its type; the rest waits. */
export const shares: Readonly<Record<ModelStep['type'], number>> = {
  connect: 8,
  disconnect: 2,
  release: 0.5,
  leave: 1.5,
  abort: 1,
  prompt: 27,
  again: 8,
  image: 12,
  set: 8,
  cancel: 7,
  fault: 20,
  echo: 8,
  reenter: 4,
  jump: 2,
  wait: 40,
};

/** A schedule drawn from a seed: the same one for the same seed. At most `maxSteps` and a few more. @default maxSteps: 60 */
export function randomSchedule(seed: number, maxSteps = 60): Schedule {
  const chance = createChance(seed);
  const length = 5 + chance.below(maxSteps);
  const steps = Array.from({ length }, () => randomStep(chance));
  return { seed, steps: [{ type: 'connect', wish: chance.pick(connectWishes) }, ...steps] };
}

export const jumps = [-3_600_000, -5000, 5000, 86_400_000] as const;

function randomStep(chance: Chance): ModelStep {
  const total = Object.values(shares).reduce((sum, share) => sum + share, 0);
  let dice = chance.next() * total;
  const type = (Object.keys(shares) as ModelStep['type'][]).find((each) => {
    dice -= shares[each];
    return dice < 0;
  });
  switch (type) {
    case 'connect':
      return { type, wish: chance.pick(connectWishes) };
    case 'again':
    case 'disconnect':
    case 'release':
    case 'leave':
    case 'abort':
      return { type };
    case 'prompt':
      return { type, text: chance.pick(texts), timeoutMs: chance.pick(limits) };
    case 'image':
      return {
        type,
        image: chance.pick(imageKinds),
        text: chance.below(riders.length),
        timeoutMs: chance.pick(limits),
      };
    case 'set':
      return {
        type,
        image: chance.is(0.7) ? chance.pick(imageKinds) : null,
        text: chance.below(riders.length),
        timeoutMs: chance.pick(limits),
      };
    case 'cancel':
      return { type, which: chance.below(4) };
    case 'fault':
      return { type, fault: chance.pick(faults) };
    case 'echo':
      return { type, echo: chance.pick(echoes) };
    case 'reenter':
      return { type, call: chance.pick(reentries) };
    case 'jump':
      return { type, ms: chance.pick(jumps) };
    default:
      return { type: 'wait', ms: chance.pick(waits) };
  }
}

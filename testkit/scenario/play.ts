// The events, effects and state of a script that is being played.

import type { ClientFrame, StateRequest, StyleChange } from '../service/state-request.js';
import type { ScenarioFault, ScenarioMediaEvent, ScenarioStep } from './step.js';

/** A fact. Sockets are numbered from 1, in the order in which they come. */
export type PlayEvent = { readonly atMs: number } & (
  | { readonly type: 'socket.connecting'; readonly socket: number; readonly query: Readonly<Record<string, string>> }
  | { readonly type: 'frame.received'; readonly socket: number; readonly frame: ClientFrame }
  /** The client, or the network, ended it. */
  | { readonly type: 'socket.closed'; readonly socket: number; readonly code: number; readonly reason: string }
  | { readonly type: 'room.opened'; readonly socket: number; readonly room: OpenedRoom }
  | { readonly type: 'offer.answered'; readonly socket: number; readonly sdp: string }
  | { readonly type: 'room.failed'; readonly socket: number; readonly reason: string }
  | { readonly type: 'media.started'; readonly socket: number }
  | { readonly type: 'timer.fired'; readonly timer: number }
);

export interface OpenedRoom {
  readonly url: string;
  readonly token: string;
  readonly name: string;
  readonly sessionId: string;
}

/** An order. */
export type PlayEffect =
  | { readonly type: 'socket.accept'; readonly socket: number }
  | { readonly type: 'socket.refuse'; readonly socket: number; readonly status: number }
  | { readonly type: 'socket.send'; readonly socket: number; readonly data: string | Uint8Array }
  | { readonly type: 'socket.close'; readonly socket: number; readonly code: number; readonly reason: string }
  | { readonly type: 'room.open'; readonly socket: number }
  | { readonly type: 'offer.answer'; readonly socket: number; readonly sdp: string }
  | { readonly type: 'media.happen'; readonly socket: number; readonly event: ScenarioMediaEvent }
  | { readonly type: 'style.change'; readonly socket: number; readonly change: StyleChange }
  | { readonly type: 'fault'; readonly socket: number; readonly fault: ScenarioFault }
  | { readonly type: 'timer.start'; readonly timer: number; readonly afterMs: number };

/** What a client did that no step has dealt with yet. */
export type Item =
  | { readonly kind: 'connected'; readonly socket: number; readonly query: Readonly<Record<string, string>> }
  | {
      readonly kind: 'frame';
      readonly socket: number;
      readonly frame: ClientFrame;
      /** It came inside the frame before it. */
      readonly isBundled: boolean;
    }
  | { readonly kind: 'closed'; readonly socket: number; readonly code: number };

/** What the present step waits for, besides clients. */
export type Waiting =
  | { readonly kind: 'timer'; readonly timer: number }
  | { readonly kind: 'queue'; readonly timer: number; readonly position: number }
  | { readonly kind: 'room'; readonly socket: number }
  | { readonly kind: 'answer'; readonly socket: number };

export interface PlaySocket {
  /** The client waits for it to open. */
  readonly isHeld: boolean;
  /** Neither side has closed it. */
  readonly isOpen: boolean;
  /** What comes on it is passed over. */
  readonly isDeaf: boolean;
  readonly hasMedia: boolean;
}

export interface PlayState {
  readonly steps: readonly ScenarioStep[];
  /** Index of the present step; their number when all are done. */
  readonly at: number;
  readonly waiting: Waiting | null;
  /** Occasions that the present step has dealt with. */
  readonly done: number;
  readonly sockets: Readonly<Record<number, PlaySocket>>;
  /** The socket that the latest expectation was about, or else the latest one. */
  readonly current: number | null;
  readonly inbox: readonly Item[];
  /** Expected and not acknowledged, oldest first. */
  readonly requests: readonly StateRequest[];
  /** The offer that was expected last; `null`: none. */
  readonly offer: { readonly socket: number; readonly sdp: string } | null;
  readonly queue: { readonly places: number; readonly intervalMs: number };
  /** Sockets wait until a step opens them. */
  readonly holdsSockets: boolean;
  /** Of the latest tick. */
  readonly seconds: number;
  readonly timers: number;
  readonly transcript: readonly string[];
  /** Why the script has failed. */
  readonly failure: string | null;
}

export type PlayStep = readonly [PlayState, readonly PlayEffect[]];

export const initialPlay = (steps: readonly ScenarioStep[]): PlayState => ({
  steps,
  at: 0,
  waiting: null,
  done: 0,
  sockets: {},
  current: null,
  inbox: [],
  requests: [],
  offer: null,
  queue: { places: 0, intervalMs: 1_000 },
  holdsSockets: false,
  seconds: 0,
  timers: 0,
  transcript: [],
  failure: null,
});

/** How a script stands. `complete`: every step was played. */
export type PlayStatus = 'playing' | 'complete' | 'failed';

/** A script that ends with `serve` is complete as soon as it gets there. */
export function statusOf({ failure, at, steps }: PlayState): PlayStatus {
  if (failure !== null) return 'failed';
  return at >= steps.length || steps[at]?.step === 'serve' ? 'complete' : 'playing';
}

import type { WatchedSession } from '../../protocol/subscribe-token.js';
import type { ConnectPlan, EncodedImage, PromptIntent } from './connect-plan.js';
import type { LimitName } from './limit-plan.js';
import type { Timer } from './timers.js';
import { noUsage, type Usage } from './usage.js';

/** What the caller sees of where the session is. `generating` stays until the connection is lost. */
export type ConnectionState = 'disconnected' | 'connecting' | 'connected' | 'generating' | 'reconnecting';

/** What the service should show: applied again, as the initial state, after each reconnect. */
export interface Intent {
  readonly prompt: PromptIntent | null;
  readonly image: EncodedImage | null;
  /** Id of the request that set the prompt last: what was asked for before that changes it no more. */
  readonly promptRequestId: number;
}

/** Who waits for a request: a caller, the handshake, or nobody (it timed out or was cancelled). */
export type Waiting = 'caller' | 'handshake' | 'nobody';

/** A prompt on the wire. */
export interface PromptRequest {
  readonly kind: 'prompt';
  readonly id: number;
  readonly waiting: Waiting;
  readonly prompt: PromptIntent;
  /** An older, equal one took an ack while this one waited: it may have been this one's. */
  readonly doubtful: boolean;
}

/** A reference image on its way to the service. */
export interface ImageRequest {
  readonly kind: 'image';
  readonly id: number;
  readonly waiting: Waiting;
  readonly stage: 'reading' | 'queued' | 'sent';
  /** `null` clears; meaningless while `reading`. */
  readonly image: EncodedImage | null;
  /** `null` clears it; `undefined`: the prompt in force stays. */
  readonly prompt: PromptIntent | null | undefined;
  /** From the call to the ack. */
  readonly limitMs: number;
}

/** One try to connect, from its socket to the end of the live session it led to. */
export interface Attempt {
  readonly id: number;
  readonly startedAtMs: number;
  /** When the present phase began, for diagnostics. */
  readonly phaseStartedAtMs: number;
  readonly socket: 'opening' | 'open' | 'closed';
  readonly queue: { readonly position: number; readonly queueSize: number } | null;
  /** The join is sent; in direct WebRTC mode, the first offer. */
  readonly joinSent: boolean;
  /** The join, or the offer, is answered: the queue is over. */
  readonly answered: boolean;
  readonly roomInfo: RoomInfo | null;
  /** `prepared`: known, but there is no local stream to join with yet. */
  readonly room: 'none' | 'prepared' | 'joining' | 'joined' | 'published' | 'closed';
  readonly streamId: number | null;
  /** The initial state: nothing to send, still to send, on the wire, or answered. */
  readonly initial: 'none' | 'unsent' | 'sent' | 'acked' | 'failed';
  readonly initialRequestId: number | null;
  /** What was sent as the initial state. */
  readonly initialIntent: Intent | null;
  readonly initialSentAtMs: number;
  /** The platform can ping. */
  readonly canPing: boolean;
  /** The service began to generate before the session was live. */
  readonly generating: boolean;
}

/** The signs of life of the present attempt, apart from it: each message of the service changes them, and them alone. */
export interface Liveness {
  /** When the last message of the service arrived. */
  readonly heardAtMs: number;
  /** A ping was sent and has not been answered yet. */
  readonly isPinging: boolean;
  /** The billed seconds of the last tick, and whether ticks have counted up, as they do about once a second. */
  readonly tickSeconds: number | null;
  readonly isTicking: boolean;
}

export const livenessAt = (heardAtMs: number): Liveness => ({
  heardAtMs,
  isPinging: false,
  tickSeconds: null,
  isTicking: false,
});

/** The ids of a session, and where its viewers connect to. */
export type RoomInfo = { readonly sessionId: string } & WatchedSession;

/** A limit that is about to end the session. */
export interface LimitWarning {
  /** The limit: `maxSeconds`, `maxCost`, `idle` or `hidden`. */
  readonly name: LimitName;
  /** From the warning on: milliseconds of the limit's clock. */
  readonly remainingMs: number;
}

/** A connect that is in force: what was asked for, and how far it has come. */
export interface Connection {
  readonly connectId: number;
  readonly plan: ConnectPlan;
  /** Its `connect()` is not settled yet. */
  readonly pending: boolean;
  /** When the connect, or the reconnect after a loss, began. */
  readonly startedAtMs: number;
  /** Tries after the first (of a connect), or since the loss (of a reconnect). */
  readonly tries: number;
  /** Times in a row that the service has refused to join because the account is full; 0: a slot is not waited for. */
  readonly refusals: number;
  readonly localStream: 'none' | 'caller' | 'opening' | 'open';
  readonly initialImage: 'none' | 'reading' | 'read';
  /** Since when the session has been live; `null` when it is not. */
  readonly liveSinceMs: number | null;
  /** Limits that are about to end the session, in the order in which they were warned of. */
  readonly warnings: readonly LimitWarning[];
  /** The platform says that there is no network. */
  readonly offline: boolean;
  /** The page is hidden. */
  readonly hidden: boolean;
  /** It has been live at some time. */
  readonly wasLive: boolean;
  /** It has been live before: the present try restores it. */
  readonly restoring: boolean;
}

interface Common {
  /** Source of all ids: attempts, connects, requests, streams. */
  readonly nextId: number;
  /** Seed of all random numbers. */
  readonly seed: number;
  readonly released: boolean;
  readonly intent: Intent;
  readonly prompts: readonly PromptRequest[];
  readonly images: readonly ImageRequest[];
  /** Timers that run. */
  readonly timers: readonly Timer[];
  /** Resources that are closing: `socket:3`, `room:3`, `local:1`. */
  readonly closing: readonly string[];
  /** What the present connect has used, or the last one when there is none. */
  readonly usage: Usage;
  /** What was heard of the service in the present try. */
  readonly liveness: Liveness;
  readonly unknownMessages: number;
  readonly malformedMessages: number;
}

export interface DisconnectedState extends Common {
  readonly status: 'disconnected';
}

/** Connecting, or connecting again. `attempt: null`: waiting for the next try. */
export interface TryingState extends Common {
  readonly status: 'connecting' | 'reconnecting';
  readonly connection: Connection;
  readonly attempt: Attempt | null;
}

export interface LiveState extends Common {
  readonly status: 'connected' | 'generating';
  readonly connection: Connection;
  readonly attempt: Attempt;
}

/** The whole of what a client knows, as plain data. */
export type SessionState = DisconnectedState | TryingState | LiveState;

export type ActiveState = TryingState | LiveState;

export const isActive = (state: SessionState): state is ActiveState => state.status !== 'disconnected';

/** With a try under way, or live. */
export type AttemptState = ActiveState & { readonly attempt: Attempt };

export const hasAttempt = (state: SessionState): state is AttemptState => isActive(state) && state.attempt !== null;

/** In direct WebRTC mode: a peer connection of its own instead of a LiveKit room. */
export const isDirect = ({ connection }: ActiveState): boolean => connection.plan.transport === 'webrtc';

export const isLive = (state: SessionState): state is LiveState =>
  state.status === 'connected' || state.status === 'generating';

/** Whether the remote stream may be shown: not before the initial state is settled, if it is to be held. */
export function isStreamVisible(state: ActiveState): boolean {
  if (!isLive(state) || state.attempt.streamId === null) return false;
  const { attempt, connection } = state;
  return !(connection.plan.holdUntilInitialState && (attempt.initial === 'unsent' || attempt.initial === 'sent'));
}

export const noIntent: Intent = Object.freeze({ prompt: null, image: null, promptRequestId: 0 });

/** Before the first connect. What `reduceSession` starts from. */
export const initialSessionState: SessionState = Object.freeze({
  status: 'disconnected',
  nextId: 1,
  seed: 0,
  released: false,
  intent: noIntent,
  prompts: [],
  images: [],
  timers: [],
  closing: [],
  usage: noUsage,
  liveness: livenessAt(0),
  unknownMessages: 0,
  malformedMessages: 0,
});

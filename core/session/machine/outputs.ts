import type { Failure } from '../../errors.js';
import type { TransportStateKind } from '../../ports/media.js';
import type { SessionEnd } from './endings.js';
import type { LimitName } from './limit-plan.js';

/** Parts of a connect try, in order; `total` runs from the start of the try to the live session. */
export type Phase = 'socket' | 'join' | 'initialState' | 'roomConnect' | 'publish' | 'firstFrame' | 'total';

/** One end of a candidate pair, without its address. */
export interface CandidateSummary {
  readonly candidateType: string | null;
  readonly protocol: string | null;
}

/** What a developer wants to know of a session's inner life. `atMs`: the scheduler's clock, milliseconds. */
export type DiagnosticEvent = { readonly atMs: number } & Diagnostic;

/** One step in the life of a session, for logs and metrics; discriminated by `name`. Holds no key, token or prompt. */
export type Diagnostic =
  | { readonly name: 'phaseTiming'; readonly phase: Phase; readonly durationMs: number }
  /** The first decoded remote frame, since the connect or reconnect began. */
  | { readonly name: 'firstFrame'; readonly timeSinceConnectMs: number }
  /** A try after the first; `attempt` counts from 1. */
  | {
      readonly name: 'reconnect';
      readonly attempt: number;
      readonly maxAttempts: number;
      readonly delayMs: number;
      readonly reason: string;
    }
  /** The account is full: a slot is waited for, and asked for again after `delayMs`. `refusals`: so far, in a row. */
  | { readonly name: 'capacityWait'; readonly refusals: number; readonly delayMs: number }
  /** The session ends by this limit in `remainingMs` of its clock, unless the user gives a sign before. */
  | { readonly name: 'limitWarning'; readonly limit: LimitName; readonly remainingMs: number }
  /**
   * A session was to take another's place: it did without a gap (`done`), ends the other one first, because the account
   * has no slot for both (`plain`), or could not come up, so that the other one goes on (`failed`).
   */
  | {
      readonly name: 'seamlessSwitch';
      readonly outcome: 'done' | 'plain' | 'failed';
      /** The error's code. */
      readonly reason: string | null;
    }
  /** After a reconnect: the latest acknowledged prompt and image were applied again, were not, or there were none. */
  | { readonly name: 'intentRestored'; readonly restored: 'replayed' | 'lost' | 'none' }
  /** `durationMs` of the stall, once recovered. */
  | { readonly name: 'videoStall'; readonly stalled: boolean; readonly durationMs: number | null }
  /** A stall lasted too long: first the media connection is asked to resume, then the session reconnects. */
  | { readonly name: 'stallRecovery'; readonly step: 'resume' | 'reconnect' }
  | { readonly name: 'mediaReconnecting' }
  | { readonly name: 'mediaReconnected' }
  | { readonly name: 'transportState'; readonly kind: TransportStateKind; readonly value: string }
  | {
      readonly name: 'selectedCandidatePair';
      readonly local: CandidateSummary;
      readonly remote: CandidateSummary;
    }
  /** `count`: how many such messages this client has seen. */
  | { readonly name: 'messageUnknown'; readonly messageType: string; readonly count: number }
  | { readonly name: 'messageMalformed'; readonly reason: string; readonly count: number }
  /** An ack that no request was waiting for: late, repeated, or of another client. */
  | { readonly name: 'ackUnmatched'; readonly of: 'prompt' | 'image' }
  | { readonly name: 'status'; readonly status: string };

/** What a session emits besides its state. */
export type SessionOutput =
  | { readonly type: 'error'; readonly failure: Failure }
  | { readonly type: 'diagnostic'; readonly diagnostic: DiagnosticEvent }
  | { readonly type: 'generationTicked'; readonly seconds: number }
  | { readonly type: 'generationEnded'; readonly seconds: number; readonly reason: string }
  | { readonly type: 'ended'; readonly connectId: number; readonly end: SessionEnd };

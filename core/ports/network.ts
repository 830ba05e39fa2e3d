import type { Observable } from 'rxjs';

/**
 * Looks for ways out of this network, by gathering candidates against STUN servers, without a session.
 *
 * Obligations: `gather` is cold; it emits each candidate as it is found, completes when no more will come, and
 * unsubscribing frees everything. What cannot be reached has no candidate: it errors only when its own code cannot be
 * loaded.
 */
export interface NetworkProbe {
  /** What this platform has no means to check, in words; each goes into the report. */
  readonly unchecked: readonly string[];
  /** `stunUrls`: `stun:host[:port]`, checked. */
  gather(stunUrls: readonly string[]): Observable<GatheredCandidate>;
}

/** A candidate that was gathered, `elapsedMs` after gathering began. */
export interface GatheredCandidate {
  /** `host`, `srflx`, `prflx` or `relay`, as in W3C `RTCIceCandidateType`. */
  readonly candidateType: string;
  /** Milliseconds since gathering began. */
  readonly elapsedMs: number;
}

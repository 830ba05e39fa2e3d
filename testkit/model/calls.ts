/** A call of the caller's that is to settle exactly once. */
export interface ModelCall {
  readonly name: string;
  readonly kind: 'connect' | 'prompt' | 'image';
  /** Known once its turn has come. */
  requestId: number | null;
  readonly startMs: number;
  readonly limitMs: number;
  /** Since when an image is there to be sent. */
  readyMs: number | null;
  /** When it was settled, or given up. */
  endMs: number | null;
  isGivenUp: boolean;
  /** A connect that is done, whose session is not over. */
  isLive: boolean;
  settled: number;
  /** A request that was reported to the caller as done. */
  isDone: boolean;
}

/** Until when an image waits for the late ack of another: three quarters of its limit, once it is ready. */
export const turnMs = ({ readyMs, limitMs }: ModelCall): number =>
  readyMs === null ? Number.POSITIVE_INFINITY : readyMs + limitMs * 0.75;

export const isOpenAt = ({ endMs }: ModelCall, atMs: number): boolean => endMs === null || endMs > atMs;

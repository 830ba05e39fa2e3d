const throttleMs = 300;

/**
 * Sends keyframe requests at most every 300 ms. A request that comes too early is not lost: it is
 * sent when its time has come.
 */
export class KeyframeRequest {
  private lastSentMs = Number.NEGATIVE_INFINITY;
  private trailing: NodeJS.Timeout | undefined;

  constructor(
    private readonly send: () => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  request(): void {
    const waitMs = this.lastSentMs + throttleMs - this.now();
    if (waitMs <= 0) {
      this.fire();
    } else {
      this.trailing ??= setTimeout(() => this.fire(), waitMs);
    }
  }

  close(): void {
    clearTimeout(this.trailing);
    this.trailing = undefined;
  }

  private fire(): void {
    clearTimeout(this.trailing);
    this.trailing = undefined;
    this.lastSentMs = this.now();
    this.send();
  }
}

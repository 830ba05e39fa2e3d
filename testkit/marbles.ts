import { TestScheduler } from 'rxjs/testing';
import { sameValue } from './same-value.js';
import { showValue } from './show-value.js';

/** What a marble test is given: the helpers of RxJS's `TestScheduler`, and the scheduler. */
export type MarbleHelpers = Parameters<Parameters<TestScheduler['run']>[0]>[0] & {
  /** To be handed to the code under test: its time is virtual, and one marble frame is 1 ms. */
  readonly scheduler: TestScheduler;
};

/**
 * Runs a marble test in virtual time. When streams differ it throws an error that lists both, one notification a
 * line: `-` is expected and missing, `+` came without being expected.
 *
 * @example
 * ```ts
 * import { marbles } from 'decart-rx/testkit';
 * import { delay } from 'rxjs';
 *
 * marbles(({ cold, expectObservable, scheduler }) => {
 *   expectObservable(cold('a-b|').pipe(delay(5, scheduler))).toBe('5ms a-(b|)');
 * });
 * ```
 */
export function marbles<T>(run: (helpers: MarbleHelpers) => T): T {
  const scheduler = new TestScheduler(assertSameMarbles);
  return scheduler.run((helpers) => run({ ...helpers, scheduler }));
}

/** The comparison that {@link marbles} uses, for a `TestScheduler` of your own. */
export function assertSameMarbles(actual: unknown, expected: unknown): void {
  if (sameValue(actual, expected)) return;
  const lines = diff(linesOf(actual), linesOf(expected));
  throw new Error(`The streams differ in virtual time (- expected, + received):\n${lines.join('\n')}`);
}

/** What a `TestScheduler` has logged, one line each: for the diff of a test runner. */
export const describeMarbles = (log: unknown): string[] => linesOf(log).map(({ text }) => text);

interface Line {
  readonly text: string;
  readonly value: unknown;
}

function linesOf(log: unknown): Line[] {
  if (!Array.isArray(log)) return [{ text: showValue(log), value: log }];
  return log.map((entry: unknown) => ({ text: textOf(entry), value: entry }));
}

const KIND_NAMES = { N: 'next', E: 'error', C: 'complete' } as const;

function textOf(entry: unknown): string {
  if (typeof entry !== 'object' || entry === null) return showValue(entry);
  if ('subscribedFrame' in entry && 'unsubscribedFrame' in entry) {
    return `${frame(entry.subscribedFrame)}  subscribed, until ${frame(entry.unsubscribedFrame).trim()}`;
  }
  if (!('frame' in entry && 'notification' in entry)) return showValue(entry);
  const { kind, value, error } = entry.notification as { kind: 'N' | 'E' | 'C'; value?: unknown; error?: unknown };
  const content = kind === 'N' ? showValue(value) : kind === 'E' ? showValue(error) : '';
  return `${frame(entry.frame)}  ${KIND_NAMES[kind].padEnd(8)}  ${content}`.trimEnd();
}

function frame(value: unknown): string {
  return `${value === Number.POSITIVE_INFINITY ? 'the end' : `${String(value)} ms`}`.padStart(10);
}

/** The longest common subsequence kept, the rest marked. */
function diff(actual: readonly Line[], expected: readonly Line[]): string[] {
  const same = (i: number, j: number) => sameValue(actual[i]?.value, expected[j]?.value);
  // lengths[i][j]: how many lines actual[i…] and expected[j…] have in common.
  const lengths = Array.from({ length: actual.length + 1 }, () => new Array<number>(expected.length + 1).fill(0));
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = actual.length - 1; i >= 0; i -= 1) {
    for (let j = expected.length - 1; j >= 0; j -= 1) {
      const row = lengths[i];
      if (row) row[j] = same(i, j) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: string[] = [];
  for (let i = 0, j = 0; i < actual.length || j < expected.length; ) {
    if (i < actual.length && j < expected.length && same(i, j)) {
      lines.push(`  ${actual[i]?.text}`);
      i += 1;
      j += 1;
    } else if (j < expected.length && (i >= actual.length || at(i, j + 1) >= at(i + 1, j))) {
      lines.push(`- ${expected[j]?.text}`);
      j += 1;
    } else {
      lines.push(`+ ${actual[i]?.text}`);
      i += 1;
    }
  }
  return lines;
}

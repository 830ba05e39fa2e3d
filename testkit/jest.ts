// The test kit for jest, and for runners with the same globals (Vitest with `globals: true`). Nothing is touched by
// loading it.
import { TestScheduler } from 'rxjs/testing';
import type { ConformanceCase } from './conformance/case.js';
import { type ConsoleGuardOptions, installConsoleGuard } from './console-guard.js';
import { ledgerMatchers } from './ledger.js';
import { assertSameMarbles, describeMarbles, type MarbleHelpers } from './marbles.js';

declare global {
  namespace jest {
    // The parameters are named like those of the interface that this adds to.
    interface Matchers<R, T> {
      /** Of a `Ledger`: everything that was opened is closed. */
      toHaveNoLeaks(): R;
    }
  }
}

interface JestGlobals {
  readonly expect: {
    (actual: unknown): { toEqual(expected: unknown): void };
    extend(matchers: object): void;
  };
  readonly test: (name: string, run: () => Promise<void>, timeoutMs?: number) => void;
}

function globalsOfJest(caller: string): JestGlobals {
  const { expect, test } = globalThis as unknown as Partial<JestGlobals>;
  if (!expect || !test) throw new Error(`${caller}: there are no global expect and test, as jest has them.`);
  return { expect, test };
}

/** What `setUpTestkit()` sets up. */
export interface TestkitSetup {
  /** Console output that is meant to be; all other fails the test. `false`: the console is not guarded. */
  readonly console?: ConsoleGuardOptions['allow'] | false | undefined;
}

/**
 * For a set-up file (`setupFilesAfterEnv`): adds `expect(ledger).toHaveNoLeaks()`, and fails tests that write to the
 * console.
 */
export function setUpTestkit({ console: allow = [] }: TestkitSetup = {}): void {
  globalsOfJest('setUpTestkit()').expect.extend(ledgerMatchers);
  if (allow !== false) installConsoleGuard({ allow });
}

/**
 * The same as `marbles` of the test kit, compared by `expect(…).toEqual(…)`: a failure shows jest's own diff, one
 * notification a line.
 */
export function marbles<T>(run: (helpers: MarbleHelpers) => T): T {
  const { expect } = globalsOfJest('marbles()');
  const scheduler = new TestScheduler((actual, expected) => {
    expect(describeMarbles(actual)).toEqual(describeMarbles(expected));
    // Values may differ and read the same.
    assertSameMarbles(actual, expected);
  });
  return scheduler.run((helpers) => run({ ...helpers, scheduler }));
}

/** Makes a test of each case, with this time for each (30 s by default). */
export function testConformance(
  cases: readonly ConformanceCase[],
  { timeoutMs = 30_000 }: { timeoutMs?: number | undefined } = {},
): void {
  const { test } = globalsOfJest('testConformance()');
  for (const { name, run } of cases) test(name, run, timeoutMs);
}

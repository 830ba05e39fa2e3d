import { describe, expect, test } from '@jest/globals';
import { installConsoleGuard } from './console-guard.js';

function guard(allow?: (string | RegExp)[]) {
  const run: Record<'before' | 'after', (() => void)[]> = { before: [], after: [] };
  installConsoleGuard({
    ...(allow && { allow }),
    hooks: { beforeEach: (hook) => run.before.push(hook), afterEach: (hook) => run.after.push(hook) },
  });
  const all = (hooks: (() => void)[]) => () => {
    for (const hook of hooks) hook();
  };
  return { before: all(run.before), after: all(run.after) };
}

const say = globalThis.console;

test('console output fails the test and does not come out', () => {
  const original = say.warn;
  const { before, after } = guard();
  before();
  say.warn('the %s is late', 'ack');
  say.table([{ a: 1 }]);
  expect(after).toThrow(/^Stray console output:\n {2}console\.warn: the ack is late\n {2}console\.log: /);
  expect(say.warn).toBe(original);
  before();
  expect(after).not.toThrow();
});

test('output that is allowed goes through', () => {
  const original = say.info;
  const heard: unknown[] = [];
  say.info = (...args: unknown[]) => heard.push(args);
  const { before, after } = guard(['listening', /^ok/]);
  before();
  say.info('listening on', 1);
  say.info('ok then');
  expect(after).not.toThrow();
  say.info = original;
  expect(heard).toEqual([['listening on', 1], ['ok then']]);
});

describe("the runner's globals serve as hooks", () => {
  const original = say.log;
  installConsoleGuard();
  test('while a test runs, the console is guarded', () => {
    expect(say.log).not.toBe(original);
  });
});

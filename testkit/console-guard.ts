import { showValue } from './show-value.js';

// `console.table` writes through `log`.
const METHODS = ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir'] as const;

/** What a guard needs of the test runner. */
export interface TestHooks {
  /** Runs `hook` before each test. */
  beforeEach(hook: () => void): unknown;
  /** Runs `hook` after each test. */
  afterEach(hook: () => void): unknown;
}

/** What a guard lets through. */
export interface ConsoleGuardOptions {
  /** Output that is meant to be; everything else fails the test. */
  readonly allow?: readonly (string | RegExp)[] | undefined;
  /** What a test runner calls before and after each test. @default the runner's globals, as jest has them */
  readonly hooks?: TestHooks | undefined;
}

/**
 * Fails each test that writes to the console. Call it once in a set-up file, or in a `describe`. It guards what the
 * test itself runs; output after the test's end goes through.
 */
export function installConsoleGuard({ allow = [], hooks = globalHooks() }: ConsoleGuardOptions = {}): void {
  let restore: (() => void) | null = null;
  let stray: string[] = [];
  hooks.beforeEach(() => {
    stray = [];
    const { console: target }: { console: Record<(typeof METHODS)[number], (...args: unknown[]) => void> } = globalThis;
    const originals = METHODS.map((method) => [method, target[method]] as const);
    for (const [method, original] of originals) {
      target[method] = (...args: unknown[]) => {
        const text = textOf(args);
        const allowed = allow.some((rule) => (typeof rule === 'string' ? text.includes(rule) : rule.test(text)));
        if (allowed) original.apply(target, args);
        else stray.push(`console.${method}: ${text}`);
      };
    }
    restore = () => {
      for (const [method, original] of originals) target[method] = original;
    };
  });
  hooks.afterEach(() => {
    restore?.();
    restore = null;
    if (stray.length > 0) throw new Error(`Stray console output:\n${stray.map((line) => `  ${line}`).join('\n')}`);
  });
}

/** What a console makes of its arguments: directives in the first one take the next ones in. */
function textOf([first, ...rest]: readonly unknown[]): string {
  const left = [...rest];
  const plain = (value: unknown) => (typeof value === 'string' ? value : showValue(value));
  const filled =
    typeof first === 'string'
      ? first.replace(/%[sdifjoOc%]/g, (directive) => {
          if (directive === '%%') return '%';
          if (left.length === 0) return directive;
          const value = left.shift();
          return directive === '%c' ? '' : plain(value);
        })
      : plain(first);
  return [filled, ...left.map(plain)].join(' ');
}

function globalHooks(): TestHooks {
  const { beforeEach, afterEach } = globalThis as unknown as Partial<TestHooks>;
  if (!beforeEach || !afterEach) {
    throw new Error('installConsoleGuard(): there is no global beforeEach and afterEach; pass them as `hooks`.');
  }
  return { beforeEach, afterEach };
}

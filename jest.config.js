import { fileURLToPath } from 'node:url';

/**
 * Three groups, each with a command of its own: `npm run test:core`, `test:node`, `test:browser`; `npm test` runs all.
 * What is in none of the lists below belongs to the group "node".
 */

/** In a browser: `SKIP_CHROMIUM=1` leaves them out. */
const browser = ['**/*.chromium.test.ts'];

/** Without a socket, without a process: a minute's edit, checked in seconds. */
const core = [
  'core/**/*.test.ts',
  'transports/{memory,media}/**/*.test.ts',
  'transports/livekit/shared/**/*.test.ts',
  'testkit/*.test.ts',
  'testkit/{conformance,scenario}/{conformance,scenario}.test.ts',
  'testkit/simulator/*/{media-messages,screen,stores,session,arguments}.test.ts',
  'testkit/simulator/{journal,key-ring}.test.ts',
  'testkit/simulator/sfu/{ice,room,rtp,sdp,transport,faults}/*.test.ts',
  'adapters/*.test.ts',
  'adapters/node/frames/*.test.ts',
  'examples/browser/src/*.test.ts',
];
/** Those of the folders above that need more than that. */
const notCore = [
  'core/quality/reference.test.ts',
  'adapters/node/frames/{video-file,mirror}.test.ts',
  'adapters/fetch-bytes.test.ts',
];
/**
 * They compare what they measure (rates of frames, latencies, heaps): they run after the others, which keep the machine
 * busy, and wait for events, however long those take.
 */
const measured = [
  'adapters/browser/measurement.chromium.test.ts',
  'adapters/browser/devices/devices.chromium.test.ts',
  'adapters/browser/frames/frames.chromium.test.ts',
  'adapters/node/e2e/{latency,markers,preflight,quality,switch}.test.ts',
];
const browserMeasured = measured.filter((path) => path.endsWith('.chromium.test.ts'));
const nodeMeasured = measured.filter((path) => !browserMeasured.includes(path));

const root = fileURLToPath(new URL('.', import.meta.url)).replaceAll('\\', '/');
const at = (patterns) => patterns.map((pattern) => root + pattern);
const not = (patterns) => at(patterns).map((pattern) => `!${pattern}`);

const always = [
  '<rootDir>/scripts/jest/guard-console.ts',
  '<rootDir>/scripts/jest/one-limit.ts',
  '<rootDir>/scripts/jest/end-async-storage.ts',
];
const shared = {
  testEnvironment: 'node',
  roots: ['core', 'transports', 'adapters', 'testkit', 'examples'].map((room) => `<rootDir>/${room}`),
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  moduleNameMapper: {
    // A process of its own cannot load TypeScript: what is forked comes from the build.
    '^\\./here\\.js$': '<rootDir>/testkit/simulator/dist/cjs/here.js',
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^fast-check$': '<rootDir>/scripts/jest/fast-check.cjs',
    // Each test file loads its modules for itself: rxjs in one file instead of its 223.
    '^rxjs$': '<rootDir>/node_modules/rxjs/dist/bundles/rxjs.umd.js',
    '^rxjs/testing$': '<rootDir>/scripts/jest/rxjs-testing.cjs',
  },
  runtime: '<rootDir>/scripts/jest/compile-once.cjs',
  // Otherwise a test looks each of them up, each time, through the sandbox that it runs in.
  sandboxInjectedGlobals: ['Array', 'Error', 'JSON', 'Map', 'Math', 'Number', 'Object', 'Promise', 'String', 'Symbol'],
  setupFilesAfterEnv: always,
};

/** @type {import('jest').Config} */
export default {
  projects: [
    {
      ...shared,
      displayName: 'core',
      testMatch: [...at(core), ...not(notCore), ...not(browser)],
      setupFilesAfterEnv: [
        ...always,
        '<rootDir>/scripts/jest/forbid-system.ts',
        '<rootDir>/scripts/jest/short-stacks.ts',
      ],
    },
    {
      ...shared,
      displayName: 'node',
      testMatch: [...at(['**/*.test.ts']), ...not(core), ...at(notCore), ...not(browser), ...not(measured)],
    },
    { ...shared, displayName: 'node-measured', testMatch: at(nodeMeasured) },
    { ...shared, displayName: 'browser', testMatch: [...at(browser), ...not(measured)] },
    { ...shared, displayName: 'browser-measured', testMatch: at(browserMeasured) },
  ],
  maxWorkers: 2,
};

// What an application pays for each entry: our own code with io-ts, fp-ts and the parts of rxjs that are used,
// minified and compressed; what the platform or an optional peer brings is left out.
const outside = ['livekit-client', '@livekit/rtc-node', '@roamhq/wrtc', 'ws', 'isomorphic-ws'];

// By itself size-limit leaves out all peer dependencies, rxjs too: hence the list of its own.
const browser = (config) => ({ ...config, format: 'esm', external: outside });
const node = (config) => ({ ...config, platform: 'node', format: 'esm', external: [...outside, 'node:*'] });

/** What a page with nothing but a client loads first; the rest comes when it is needed. See scripts/first-load.mjs. */
const firstLoad = (bundler) => ({
  name: `decart-rx/browser: what a page loads first, as split by ${bundler}`,
  path: `node_modules/.cache/first-load/${bundler}/*.js`,
  gzip: true,
  limit: '44.5 kB',
  // The files are weighed as they are.
  modifyEsbuildConfig: ({ external: _, ...config }) => ({ ...config, bundle: false }),
});

export default [
  firstLoad('vite'),
  firstLoad('esbuild'),
  {
    name: 'decart-rx/browser: createDecartClient with all that it may load later',
    path: 'dist/esm/adapters/browser/index.js',
    import: '{ createDecartClient }',
    gzip: true,
    limit: '92 kB',
    modifyEsbuildConfig: browser,
  },
  {
    name: 'decart-rx: every export',
    path: 'dist/esm/core/index.js',
    gzip: true,
    limit: '63.5 kB',
    modifyEsbuildConfig: browser,
  },
  {
    // What is not used falls out.
    name: 'decart-rx: readMarker alone',
    path: 'dist/esm/core/index.js',
    import: '{ readMarker }',
    gzip: true,
    limit: '2 kB',
    modifyEsbuildConfig: browser,
  },
  {
    name: 'decart-rx/node: every export',
    path: 'dist/esm/adapters/node/index.js',
    gzip: true,
    limit: '115.5 kB',
    modifyEsbuildConfig: node,
  },
  {
    // What the tests of an app use; the model, which has a whole client in it, falls out.
    name: 'decart-rx/testkit: all but the model',
    path: 'dist/esm/testkit/index.js',
    import:
      '{ advance, createLedger, createMemoryPlatform, goldenTranscripts, installConsoleGuard, ledgerMatchers, marbles, mediaConformance, memoryDirectHarness, memoryMediaHarness, memorySignalingHarness, parseScenario, scenario, scenarioNetwork, signalingConformance }',
    gzip: true,
    limit: '42 kB',
    // Anything of Node fails the build.
    modifyEsbuildConfig: browser,
  },
  {
    name: 'decart-rx/testkit: every export',
    path: 'dist/esm/testkit/index.js',
    gzip: true,
    limit: '98 kB',
    modifyEsbuildConfig: browser,
  },
];

// What an application pays for each entry: our own code with io-ts, fp-ts and the parts of rxjs that are used,
// minified and compressed; what the platform or an optional peer brings is left out.
const outside = [
  'livekit-client',
  '@livekit/rtc-node',
  'ws',
  'isomorphic-ws',
  'werift',
  '@livekit/protocol',
  'jose',
  'sdp-transform',
];

// By itself size-limit leaves out all peer dependencies, rxjs too: hence the list of its own.
const browser = (config) => ({ ...config, format: 'esm', external: outside });
const node = (config) => ({ ...config, platform: 'node', format: 'esm', external: [...outside, 'node:*'] });

/** Leaves out what the page loads later. */
const loadedLater = {
  name: 'loaded-later',
  setup: ({ onResolve }) =>
    onResolve({ filter: /./ }, ({ kind, path }) => (kind === 'dynamic-import' ? { path, external: true } : undefined)),
};

export default [
  {
    name: 'decart-rx/browser: what a page loads first, with createDecartClient',
    path: 'dist/esm/adapters/browser/index.js',
    import: '{ createDecartClient }',
    gzip: true,
    limit: '25 kB',
    modifyEsbuildConfig: (config) => ({ ...browser(config), plugins: [loadedLater] }),
  },
  {
    name: 'decart-rx/browser: with all that it may load later',
    path: 'dist/esm/adapters/browser/index.js',
    import: '{ createDecartClient }',
    gzip: true,
    limit: '61 kB',
    modifyEsbuildConfig: browser,
  },
  {
    name: 'decart-rx/browser: every export',
    path: 'dist/esm/adapters/browser/index.js',
    gzip: true,
    limit: '64 kB',
    modifyEsbuildConfig: browser,
  },
  {
    name: 'decart-rx: every export',
    path: 'dist/esm/core/index.js',
    gzip: true,
    limit: '47 kB',
    modifyEsbuildConfig: browser,
  },
  {
    name: 'decart-rx/node: every export',
    path: 'dist/esm/adapters/node/index.js',
    gzip: true,
    limit: '96 kB',
    modifyEsbuildConfig: node,
  },
  {
    name: 'decart-rx/testkit: every export',
    path: 'dist/esm/testkit/index.js',
    gzip: true,
    limit: '130 kB',
    modifyEsbuildConfig: node,
  },
];

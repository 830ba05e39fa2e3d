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
const node = (config) => ({ ...config, platform: 'node', format: 'esm', external: [...outside, 'node:*'] });

export default [
  { name: 'decart-rx', path: 'dist/esm/core/index.js', ignore: outside, gzip: true, limit: '38 kB' },
  {
    name: 'decart-rx/browser',
    path: 'dist/esm/adapters/browser/index.js',
    ignore: outside,
    gzip: true,
    // The goal is 25 kB; see CHANGELOG, "Known limits".
    limit: '52 kB',
    // A worker's file is found by `import.meta`.
    modifyEsbuildConfig: (config) => ({ ...config, format: 'esm' }),
  },
  {
    name: 'decart-rx/node',
    path: 'dist/esm/adapters/node/index.js',
    gzip: true,
    limit: '96 kB',
    modifyEsbuildConfig: node,
  },
  {
    name: 'decart-rx/testkit',
    path: 'dist/esm/testkit/index.js',
    gzip: true,
    limit: '130 kB',
    modifyEsbuildConfig: node,
  },
];

// Compilers, with the flags that strict projects set. Errors in the declarations of other packages are not ours.
import { ownVersion } from '../project.mjs';

const strict = [
  '--noEmit',
  '--strict',
  '--exactOptionalPropertyTypes',
  '--noUncheckedIndexedAccess',
  '--noPropertyAccessFromIndexSignature',
  '--noImplicitOverride',
  '--isolatedModules',
  '--verbatimModuleSyntax',
  '--skipLibCheck',
  'false',
  '--target',
  'es2022',
  '--lib',
  'es2022,dom,dom.iterable,esnext.disposable',
  '--pretty',
  'false',
];
/** A project that emits CommonJS cannot be held to the syntax of ES modules. */
const resolutions = [
  { module: 'node16', moduleResolution: 'node16', file: 'types.mts' },
  { module: 'nodenext', moduleResolution: 'nodenext', file: 'types.mts' },
  { module: 'esnext', moduleResolution: 'bundler', file: 'types.mts' },
  { module: 'commonjs', moduleResolution: 'node10', file: 'types.ts', more: ['--verbatimModuleSyntax', 'false'] },
];

async function compile(app, { module, moduleResolution, file, more = [] }) {
  const args = [...strict, '--module', module, '--moduleResolution', moduleResolution, ...more, file];
  try {
    await app.node(['node_modules/typescript/bin/tsc', ...args]);
  } catch (error) {
    const errors = error.message.split('\n').filter((line) => /error TS\d+/.test(line));
    const others = errors.filter((line) => line.includes('node_modules/') && !line.includes('node_modules/decart-rx'));
    if (errors.length === 0 || others.length < errors.length) throw error;
  }
}

const compiler = (version, { isFast = false, hasNode10 = true } = {}) => ({
  name: `typescript-${version}`,
  area: 'TypeScript',
  subject: `TypeScript ${version}`,
  isFast,
  run: async ({ client, simulator, project }) => {
    const app = project('', { type: 'commonjs' });
    const peers = ['livekit-client', '@livekit/rtc-node', '@types/node', 'rxjs'];
    await app.install(
      client,
      simulator,
      `typescript@${version}`,
      ...peers.map((peer) => `${peer}@${ownVersion(peer)}`),
    );
    app.copy('types.mts');
    app.copy('types.mts', 'types.ts');
    const tried = resolutions.filter(({ moduleResolution }) => hasNode10 || moduleResolution !== 'node10');
    for (const resolution of tried) await compile(app, resolution);
    const names = tried.map(({ moduleResolution }) => moduleResolution).join(', ');
    return { version: app.versionOf('typescript'), detail: `${names}; all strict flags, skipLibCheck false` };
  },
});

export const typescript = [
  compiler('5.4'),
  compiler('5.9'),
  compiler('6.0', { hasNode10: false }),
  compiler('7.0', { isFast: true, hasNode10: false }),
];

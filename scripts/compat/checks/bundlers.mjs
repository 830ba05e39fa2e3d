// A page built by each bundler, and run in Chromium; a server bundled for Node.
import { openPage } from '../browser.mjs';
import { ownVersion } from '../project.mjs';
import { withSimulator } from '../simulator.mjs';

const area = 'Bundlers and frameworks';
const html = (script) =>
  `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>page</title><body></body><script type="module" src="${script}"></script>\n`;
const pagePackages = (client) => [
  client,
  `rxjs@${ownVersion('rxjs')}`,
  `livekit-client@${ownVersion('livekit-client')}`,
];

/** Builds the page into `dist`, with the esbuild of the project. */
export async function buildWithEsbuild(app) {
  app.copy('page.mjs');
  app.write('dist/index.html', html('/page.js'));
  // Its file is a script or a binary, as npm may run install scripts.
  await app.run('npx', [
    '--no-install',
    'esbuild',
    'page.mjs',
    '--bundle',
    '--splitting',
    '--format=esm',
    '--outdir=dist',
    '--log-level=warning',
  ]);
}

const builders = {
  esbuild: { packages: ['esbuild@0.28'], build: buildWithEsbuild },
  vite: {
    packages: [`vite@${ownVersion('vite')}`],
    build: async (app) => {
      app.copy('page.mjs');
      app.write('index.html', html('/page.mjs'));
      await app.node(['node_modules/vite/bin/vite.js', 'build']);
    },
  },
  webpack: {
    packages: [`webpack@${ownVersion('webpack')}`],
    build: async (app) => {
      app.copy('page.mjs');
      app.copy('build-with-webpack.mjs');
      app.write('dist/index.html', html('/page.js'));
      await app.node(['build-with-webpack.mjs', 'web']);
    },
  },
  rollup: {
    packages: ['rollup@4', '@rollup/plugin-node-resolve@16', '@rollup/plugin-commonjs@28'],
    build: async (app) => {
      app.copy('page.mjs');
      app.write(
        'rollup.config.mjs',
        [
          "import commonjs from '@rollup/plugin-commonjs';",
          "import resolve from '@rollup/plugin-node-resolve';",
          "export default { input: 'page.mjs', output: { dir: 'dist', format: 'es' },",
          '  plugins: [resolve({ browser: true }), commonjs()] };\n',
        ].join('\n'),
      );
      app.write('dist/index.html', html('/page.js'));
      await app.node(['node_modules/rollup/dist/bin/rollup', '--config']);
    },
  },
};

const page = ([name, { packages, build }]) => ({
  name,
  area,
  subject: `${name}: a page`,
  run: async ({ client, project }) => {
    const app = project();
    await app.install(...pagePackages(client), ...packages);
    await build(app);
    return { version: app.versionOf(name), detail: await openPage(`${app.folder}/dist`) };
  },
});

/** A server in one file. The native library stays outside, where Node finds it when the session starts. */
const webpackForNode = {
  name: 'webpack-node',
  area,
  subject: 'webpack: a session bundled for Node',
  run: async ({ client, project }) => {
    const app = project();
    const rtc = `@livekit/rtc-node@${ownVersion('@livekit/rtc-node')}`;
    await app.install(client, `rxjs@${ownVersion('rxjs')}`, rtc, `webpack@${ownVersion('webpack')}`);
    for (const file of ['media.mjs', 'build-with-webpack.mjs']) app.copy(file);
    await app.node(['build-with-webpack.mjs', 'node']);
    const said = await withSimulator({}, (env) => app.node(['dist/media.mjs'], { env, limitMs: 60_000 }));
    return {
      version: app.versionOf('webpack'),
      detail: `No setting for the native library; ${JSON.parse(said).frames} frames came back, and it exits by itself`,
    };
  },
};

export const bundlers = [...Object.entries(builders).map(page), webpackForNode];

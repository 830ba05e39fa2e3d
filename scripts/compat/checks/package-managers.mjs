// Package managers, each with a simulator and a session with video: what a package uses it must have declared.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ownVersion } from '../project.mjs';

const area = 'Package managers';
/** Those of an app's tests. */
const dependencies = (client, simulator) => ({
  'decart-rx': `file:${client}`,
  'decart-rx-simulator': `file:${simulator}`,
  rxjs: ownVersion('rxjs'),
  '@livekit/rtc-node': ownVersion('@livekit/rtc-node'),
});
const seen = (said) => `${JSON.parse(said.trim().split('\n').at(-1)).frames} frames over its own simulator`;

/** The manager itself, in a folder beside the project. */
async function openManager(project, name, version) {
  const tool = project('tool');
  await tool.install(`${name}@${version}`);
  return { version: tool.versionOf(name), program: (path) => join(tool.folder, 'node_modules', name, path) };
}

function openApp(project, client, simulator, more = {}) {
  const app = project('app', { dependencies: dependencies(client, simulator), ...more });
  for (const file of ['whole.mjs', 'media.mjs']) app.copy(file);
  return app;
}

const npm = {
  name: 'npm',
  area,
  subject: 'npm',
  run: async ({ client, simulator, project }) => {
    const app = openApp(project, client, simulator);
    await app.install();
    return {
      version: (await app.run('npm', ['--version'])).trim(),
      detail: seen(await app.node(['whole.mjs'], { limitMs: 60_000 })),
    };
  },
};

const pnpm = {
  name: 'pnpm',
  area,
  subject: 'pnpm, isolated, nothing hoisted, strict peers',
  run: async ({ client, simulator, project }) => {
    const { version, program } = await openManager(project, 'pnpm', '10');
    const app = openApp(project, client, simulator);
    app.write('.npmrc', 'node-linker=isolated\nhoist=false\nstrict-peer-dependencies=true\n');
    await app.node([program('bin/pnpm.cjs'), 'install', '--ignore-scripts', '--no-frozen-lockfile']);
    return { version, detail: seen(await app.node(['whole.mjs'], { limitMs: 60_000 })) };
  },
};

const yarn = {
  name: 'yarn-pnp',
  area,
  subject: 'Yarn, Plug’n’Play',
  run: async ({ client, simulator, project }) => {
    const { version, program } = await openManager(project, '@yarnpkg/cli-dist', '4');
    const app = openApp(project, client, simulator);
    mkdirSync(join(app.folder, '.yarn'), { recursive: true });
    // All of it stays in the project; strict: what is not declared is not found.
    app.write(
      '.yarnrc.yml',
      'nodeLinker: pnp\npnpMode: strict\npnpFallbackMode: none\nenableGlobalCache: false\nenableTelemetry: false\nenableScripts: false\nnpmMinimalAgeGate: 0\n',
    );
    app.write('yarn.lock', '');
    await app.node([program('bin/yarn.js'), 'install', '--no-immutable']);
    const said = await app.node([program('bin/yarn.js'), 'node', 'whole.mjs'], { limitMs: 60_000 });
    return { version, detail: seen(said) };
  },
};

export const packageManagers = [npm, pnpm, yarn];

// Versions of Node, and other runtimes: their programs come from npm, without a script of their own at install.
import { join } from 'node:path';
import { ownVersion, Skipped } from '../project.mjs';
import { withSimulator } from '../simulator.mjs';

const area = 'Node and other runtimes';
const place = `${process.platform}-${process.arch}`;

/** Package and path of a runtime's program on this machine. */
const programs = {
  node: { package: `node-${place}`, path: 'bin/node', args: [] },
  bun: { package: `@oven/bun-${place.replace('arm64', 'aarch64')}`, path: 'bin/bun', args: ['run'] },
  deno: {
    package: `@deno/${place}${process.platform === 'linux' ? '-glibc' : ''}`,
    path: 'deno',
    args: ['run', '--allow-all', '--node-modules-dir=manual'],
  },
};

async function openRuntime({ client, project }, name, range, more = []) {
  const app = project();
  const runtime = programs[name];
  await app.install(client, `rxjs@${ownVersion('rxjs')}`, `${runtime.package}@${range}`, ...more);
  const program = join(app.folder, 'node_modules', runtime.package, runtime.path);
  return {
    app,
    version: app.versionOf(runtime.package),
    run: (file, options) => app.run(program, [...runtime.args, file], options),
  };
}

const withoutMedia = (name, range, subject) => ({
  name: `${name}-${range}`,
  area,
  subject: `${subject}: core, REST, tokens, signaling`,
  run: async (context) => {
    const { app, version, run } = await openRuntime(context, name, range);
    app.copy('no-media.mjs');
    const said = await withSimulator({ media: 'none', strict: true }, (env) =>
      run('no-media.mjs', { env, limitMs: 60_000 }),
    );
    return { version, detail: `${JSON.parse(said.trim().split('\n').at(-1)).tests}, and it exits by itself` };
  },
});

const withMedia = (range) => ({
  name: `node-${range}-media`,
  area,
  subject: `Node ${range}: a session with video`,
  run: async (context) => {
    const rtc = `@livekit/rtc-node@${ownVersion('@livekit/rtc-node')}`;
    const { app, version, run } = await openRuntime(context, 'node', range, [rtc]);
    app.copy('media.mjs');
    const said = await withSimulator({}, (env) => run('media.mjs', { env, limitMs: 60_000 }));
    return { version, detail: `${JSON.parse(said).frames} frames came back, and it exits by itself` };
  },
});

/** The native library serves one thread of a process; another is refused with an error, and not frozen. */
const workerThreads = {
  name: 'worker-threads',
  area,
  subject: 'Worker threads',
  run: async ({ client, project }) => {
    const app = project();
    const rtc = `@livekit/rtc-node@${ownVersion('@livekit/rtc-node')}`;
    await app.install(client, `rxjs@${ownVersion('rxjs')}`, rtc);
    for (const file of ['threads.mjs', 'media.mjs']) app.copy(file);
    const said = await withSimulator({}, (env) => app.node(['threads.mjs'], { env, limitMs: 90_000 }));
    return { version: process.version.slice(1), detail: said.trim().split('\n').at(-1) };
  },
};

/** musl has no native half of the library. Where there is no such machine, the half is taken away here. */
const musl = {
  name: 'musl',
  area,
  subject: 'Alpine and other musl systems: the error of a session with video',
  run: async ({ client, project }) => {
    if (process.platform !== 'linux') throw new Skipped('Only Linux has musl.');
    const app = project();
    const rtc = `@livekit/rtc-node@${ownVersion('@livekit/rtc-node')}`;
    await app.install(client, `rxjs@${ownVersion('rxjs')}`, rtc, '--omit=optional');
    for (const file of ['musl.mjs', 'no-media.mjs']) app.copy(file);
    const said = await withSimulator({ media: 'none', strict: true }, async (env) => {
      await app.node(['no-media.mjs'], { env, limitMs: 60_000 });
      return app.node(['musl.mjs'], { env, limitMs: 60_000 });
    });
    const isMusl = !process.report.getReport().header.glibcVersionRuntime;
    const seen = isMusl ? 'on musl' : 'simulated: glibc, a report without its version, the native half not installed';
    return { version: app.versionOf('@livekit/rtc-node'), detail: `${seen}: ${said.trim()} All else works.` };
  },
};

export const runtimes = [
  ...['20', '22', '24'].flatMap((range) => [withoutMedia('node', range, `Node ${range}`), withMedia(range)]),
  withoutMedia('bun', '1', 'Bun'),
  withoutMedia('deno', '2', 'Deno'),
  workerThreads,
  musl,
];

// The oldest and the newest of each peer, and a look ahead.
import { openPage } from '../browser.mjs';
import { ownVersion } from '../project.mjs';
import { withSimulator } from '../simulator.mjs';
import { buildWithEsbuild } from './bundlers.mjs';

const area = 'Peer dependencies';

const rxjs = (version, { subject, isFast = false, isOutside = false }) => ({
  name: `rxjs-${version}`,
  area,
  subject,
  isFast,
  run: async ({ client, project }) => {
    const app = project();
    await app.install(client, `rxjs@${version}`, ...(isOutside ? ['--legacy-peer-deps'] : []));
    app.copy('no-media.mjs');
    const said = await withSimulator({ media: 'none', strict: true }, (env) =>
      app.node(['no-media.mjs'], { env, limitMs: 60_000 }),
    );
    return { version: app.versionOf('rxjs'), detail: `${JSON.parse(said).tests}` };
  },
});

const livekitClient = (version, subject) => ({
  name: `livekit-client-${version}`,
  area,
  subject,
  run: async ({ client, project }) => {
    const app = project();
    await app.install(client, `rxjs@${ownVersion('rxjs')}`, `livekit-client@${version}`, 'esbuild@0.28');
    await buildWithEsbuild(app);
    return { version: app.versionOf('livekit-client'), detail: await openPage(`${app.folder}/dist`) };
  },
});

const rtcNode = {
  name: 'rtc-node',
  area,
  subject: '@livekit/rtc-node, oldest and newest of the range',
  run: async ({ client, project }) => {
    const seen = [];
    for (const [part, range] of Object.entries({ oldest: '1.1.0', newest: '^1.1.0' })) {
      const app = project(part);
      await app.install(client, `rxjs@${ownVersion('rxjs')}`, `@livekit/rtc-node@${range}`);
      app.copy('media.mjs');
      await withSimulator({}, (env) => app.node(['media.mjs'], { env, limitMs: 60_000 }));
      seen.push(app.versionOf('@livekit/rtc-node'));
    }
    return { version: [...new Set(seen)].join(', '), detail: 'A session with video' };
  },
};

export const peers = [
  rxjs('7.4.0', { subject: 'rxjs, oldest of the range', isFast: true }),
  rxjs('7', { subject: 'rxjs, newest of the range' }),
  rxjs('8.0.0-alpha.14', { subject: 'rxjs 8, outside of the range', isOutside: true }),
  livekitClient('2.20.1', 'livekit-client, oldest of the range'),
  livekitClient('^2.20.1', 'livekit-client, newest of the range'),
  rtcNode,
];

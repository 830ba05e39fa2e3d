// Next.js: a page, and a route on the server that makes tokens.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { tryPage } from '../browser.mjs';
import { ownVersion } from '../project.mjs';
import { withSimulator } from '../simulator.mjs';

const area = 'Bundlers and frameworks';

/** Starts the built app, and ends it after `use`. */
async function withNext(app, env, use) {
  const args = ['node_modules/next/dist/bin/next', 'start', '--port', '0', '--hostname', '127.0.0.1'];
  const server = spawn(process.execPath, args, {
    cwd: app.folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(server, 'exit');
  try {
    let origin = null;
    for await (const line of createInterface(server.stdout)) {
      origin ??= /https?:\/\/[\w.]+:\d+/.exec(line)?.[0] ?? null;
      if (line.includes('Ready')) break;
    }
    if (origin === null) throw new Error('next start names no address.');
    return await use(origin);
  } finally {
    server.kill();
    await exited;
  }
}

const next = (version) => ({
  name: `next-${version}`,
  area,
  subject: `Next.js ${version}: a page and a token route`,
  run: async ({ client, project }) => {
    const app = project();
    const peers = ['rxjs', 'livekit-client', '@livekit/rtc-node'].map((peer) => `${peer}@${ownVersion(peer)}`);
    await app.install(client, `next@${version}`, 'react@19', 'react-dom@19', ...peers);
    app.copy('page.mjs');
    app.copy('next-token-route.js', 'app/api/token/route.js');
    app.write('app/layout.js', 'export default ({ children }) => <html lang="en"><body>{children}</body></html>;\n');
    app.write('app/icon.svg', '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16"/>\n');
    app.write(
      'app/page.js',
      [
        "'use client';",
        "import { useEffect } from 'react';",
        'export default function Page() {',
        "  useEffect(() => void import('../page.mjs'), []);",
        '  return <p>page</p>;',
        '}\n',
      ].join('\n'),
    );
    const env = { NEXT_TELEMETRY_DISABLED: '1' };
    await app.node(['node_modules/next/dist/bin/next', 'build'], { env });
    const detail = await withSimulator({ media: 'none', strict: true }, (service) =>
      withNext(app, { ...env, ...service }, async (origin) => {
        const response = await fetch(`${origin}/api/token`, { method: 'POST' });
        const text = await response.text();
        if (!/"apiKey":"ek_/.test(text)) throw new Error(`The token route answers ${response.status}: ${text}`);
        return `No setting; the route makes tokens. ${await tryPage(origin)}`;
      }),
    );
    return { version: app.versionOf('next'), detail };
  },
});

export const frameworks = [next('15')];

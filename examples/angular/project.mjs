// The app's project: its Angular, and the package of this repository, packed as it was built.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '../..');

const run = (cwd, command, ...args) => execFileSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });

/** Installs what is missing. The package is installed again each time. */
export function install() {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  if (!existsSync(join(here, 'node_modules/@angular/cli'))) run(here, 'npm', 'ci', ...quiet);
  const packing = ['pack', '--json', '--ignore-scripts', '--pack-destination', here];
  const [{ filename }] = JSON.parse(execFileSync('npm', packing, { cwd: root, encoding: 'utf8' }));
  rmSync(join(here, 'node_modules/decart-rx'), { recursive: true, force: true });
  run(here, 'npm', 'install', '--no-save', ...quiet, filename);
  rmSync(join(here, filename));
}

export const build = () => run(here, process.execPath, 'node_modules/@angular/cli/bin/ng.js', 'build');

/**
 * Starts the built app's server.
 * @param {{ baseUrl: string, httpBaseUrl: string, apiKey: string }} service
 * @returns {Promise<{ url: string, close(): Promise<void> }>}
 */
export async function serve(
  { baseUrl, httpBaseUrl, apiKey },
  { port = 0, node = process.execPath, folder = here } = {},
) {
  const env = {
    ...process.env,
    DECART_API_KEY: apiKey,
    DECART_BASE_URL: baseUrl,
    DECART_HTTP_BASE_URL: httpBaseUrl,
    NG_ALLOWED_HOSTS: '127.0.0.1',
    PORT: String(port),
  };
  const stdio = ['ignore', 'pipe', 'inherit'];
  const server = spawn(node, [join(folder, 'dist/server/server.mjs')], { cwd: folder, env, stdio });
  const exited = once(server, 'exit');
  const [line] = await Promise.race([once(createInterface(server.stdout), 'line'), exited]);
  if (typeof line !== 'string') throw new Error(`The app's server ended by itself, with ${line}.`);
  return {
    url: line,
    async close() {
      server.kill('SIGTERM');
      await exited;
    },
  };
}

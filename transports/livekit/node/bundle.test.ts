// A server in one file, made by webpack as it comes: without a setting for the native library.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import webpack from 'webpack';

const root = join(__dirname, '../../..');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'decart-rx-bundle-'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Resolves with what webpack has to say. */
const bundle = (entry: string): Promise<readonly string[]> =>
  new Promise((resolve, reject) => {
    const configuration: webpack.Configuration = {
      mode: 'development',
      devtool: false,
      target: 'node20',
      entry: { server: entry },
      experiments: { outputModule: true },
      output: { path: folder, module: true, filename: '[name].mjs', chunkFormat: 'module' },
    };
    webpack(configuration, (error, stats) => {
      const { errors = [], warnings = [] } = stats?.toJson({ all: false, errors: true, warnings: true }) ?? {};
      if (error) reject(error);
      else resolve([...errors, ...warnings].map(({ message }) => message));
    });
  });

test('the native library is loaded from within a bundle, and its process ends by itself', async () => {
  const native = JSON.stringify(join(root, 'dist/esm/transports/livekit/node/native.js'));
  const entry = join(folder, 'entry.mjs');
  const source = `import { acquireLiveKitNode } from ${native};
    const { rtc, release } = await acquireLiveKitNode();
    console.log(typeof rtc.Room);
    await release();`;
  writeFileSync(entry, source);
  expect(await bundle(entry)).toEqual([]);
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'server.mjs')], { cwd: folder });
  expect(stdout).toBe('function\n');
});

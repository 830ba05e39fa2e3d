// Films the example page with a session on the simulator's test pattern: docs/page.webp, the README's moving picture.
// Needs Chromium and ffmpeg. Usage: npm run build && node scripts/docs/record-page.mjs
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startSimulator } from 'decart-rx-simulator';
import { chromium } from 'playwright-core';
import { buildPages } from '../../examples/browser/build-pages.mjs';
import { openPageServer } from '../../examples/browser/page-server.mjs';

const target = fileURLToPath(new URL('../../docs/page.webp', import.meta.url));
const MOST_BYTES = 600_000;
const executablePath = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path && existsSync(path),
);

const folder = mkdtempSync(join(tmpdir(), 'decart-rx-film-'));
const simulator = await startSimulator({ mode: 'restyle' });
const server = await openPageServer(0);
server.publish(await buildPages(), simulator);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const page = await browser.newPage({ viewport: { width: 1040, height: 640 }, colorScheme: 'light' });
  page.setDefaultTimeout(60_000);
  let number = 0;
  const take = async (count) => {
    for (let left = count; left > 0; left -= 1) {
      await page.screenshot({ path: join(folder, `${String(number).padStart(3, '0')}.png`) });
      number += 1;
    }
  };
  const press = (name) => page.getByRole('button', { name }).click();
  await page.goto(`${server.url}browser/`);
  await take(3);
  await press('Connect');
  await page.waitForFunction(() => document.querySelector('#remote').currentTime > 1);
  await take(8);
  await press('Neon city at night');
  await page.locator('#prompt-status', { hasText: 'Acknowledged' }).waitFor();
  await take(8);
  await press('Pencil sketch');
  await page.locator('#prompt-status', { hasText: 'Acknowledged' }).waitFor();
  await take(8);
} finally {
  await Promise.all([browser.close(), server.close()]);
  await simulator.close();
}
// Coarser until it is small enough.
for (const quality of [60, 45, 30, 15]) {
  const args = `-y -loglevel error -framerate 4 -i ${join(folder, '%03d.png')} -vf scale=832:-1:flags=lanczos`.split(
    ' ',
  );
  const { status } = spawnSync(
    'ffmpeg',
    [...args, '-c:v', 'libwebp_anim', '-quality', `${quality}`, '-loop', '0', target],
    {
      stdio: 'inherit',
    },
  );
  if (status !== 0) throw new Error('ffmpeg failed, or is not installed.');
  const { size } = statSync(target);
  console.log(`docs/page.webp: ${size} bytes at quality ${quality}`);
  if (size <= MOST_BYTES) break;
}
rmSync(folder, { recursive: true });

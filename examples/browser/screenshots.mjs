// Pictures of the page with a live session: three widths, light and dark. Usage: node examples/browser/screenshots.mjs [folder]
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startSimulator } from 'decart-rx-simulator';
import { chromium } from 'playwright-core';
import { buildPages } from './build-pages.mjs';
import { openPageServer } from './page-server.mjs';

const [folder = 'demo-out/screenshots'] = process.argv.slice(2);
const executablePath = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path && existsSync(path),
);
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'];
const viewports = [
  { width: 390, height: 844, deviceScaleFactor: 2 },
  { width: 820, height: 1180, deviceScaleFactor: 1 },
  { width: 1440, height: 900, deviceScaleFactor: 1 },
];

await mkdir(folder, { recursive: true });
const simulator = await startSimulator({ mode: 'restyle' });
const server = await openPageServer(0);
server.publish(await buildPages(), simulator);
const browser = await chromium.launch({ executablePath, args: flags });
try {
  for (const { width, height, deviceScaleFactor } of viewports) {
    const page = await browser.newPage({ viewport: { width, height }, deviceScaleFactor });
    page.setDefaultTimeout(60_000);
    await page.goto(`${server.url}browser/`);
    await shoot(page, `${width}-idle`);
    await page.getByRole('button', { name: 'Connect' }).click();
    // Glass-to-glass latency comes last: from then on everything is there.
    await page.locator('#g2g output', { hasText: ' ms' }).waitFor();
    await page.getByRole('button', { name: 'Drop the socket' }).click();
    await page.locator('#events', { hasText: 'intent restored' }).waitFor();
    await page.getByRole('button', { name: 'Neon city at night' }).click();
    await page.locator('#prompt-status', { hasText: 'Acknowledged' }).waitFor();
    // Lines of some length.
    await page.waitForFunction(
      (samples) => (document.querySelector('#rtt .line').getAttribute('d')?.match(/L/g)?.length ?? 0) >= samples,
      15,
    );
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await shoot(page, `${width}-${colorScheme}`);
    }
    await page.close();
  }
} finally {
  await Promise.all([browser.close(), server.close()]);
  await simulator.close();
}

async function shoot(page, name) {
  await page.evaluate(() => scrollTo(0, 0));
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path, fullPage: true });
  console.log(path);
}

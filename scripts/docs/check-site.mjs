// Looks at the built site in Chromium: screenshots of some pages, the search, and a session on the live page, with a
// prompt, a refusal and a dropped socket. Not a part of CI. Usage: npm run docs && npm run check:site [folder]
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const site = fileURLToPath(new URL('../../site', import.meta.url));
const [folder = 'demo-out/site'] = process.argv.slice(2);
const types = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
};
const executablePath = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path && existsSync(path),
);

const server = createServer(({ url = '/' }, response) => {
  const [path] = url.split('?');
  const file = join(site, path.endsWith('/') ? `${path}index.html` : path);
  if (!existsSync(file)) return response.writeHead(404).end();
  response.setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream').end(readFileSync(file));
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${server.address().port}/`;
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
const complaints = [];
try {
  mkdirSync(folder, { recursive: true });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(60_000);
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(origin))
      complaints.push(`asked ${request.url()}`);
  });
  const shoot = (name) => page.screenshot({ path: join(folder, `${name}.png`) });

  for (const name of ['index', 'start', 'states', 'from-android', 'errors/index', 'api/decart-rx']) {
    await page.goto(`${origin}${name}.html`);
    await page.locator('.VPNavBar').waitFor();
    await shoot(name.replace('/', '-'));
  }
  await page.locator('.DocSearch-Button').click();
  await page.locator('.VPLocalSearchBox input').fill('WEBRTC_ICE_ERROR');
  await page.locator('.VPLocalSearchBox .result').first().waitFor();
  await shoot('search');

  await page.goto(`${origin}live/`);
  const press = (name) => page.getByRole('button', { name }).click();
  await press('Connect');
  await page.locator('#state', { hasText: 'generating' }).waitFor();
  await page.waitForFunction(() => document.querySelector('#remote').currentTime > 0);
  await press('Neon city at night');
  await page.locator('#prompt-status', { hasText: 'Acknowledged' }).waitFor();
  await press('Refuse next prompt');
  await press('Pencil sketch');
  await page.locator('#prompt-status', { hasText: 'not this one' }).waitFor();
  await press('Drop the socket');
  await page.locator('#events', { hasText: 'intent restored' }).waitFor();
  await shoot('live');
  await press('Disconnect');
  await page.locator('#state', { hasText: 'disconnected' }).waitFor();
} finally {
  await browser.close();
  server.close();
}
for (const complaint of complaints) console.error(complaint);
console.log(`Screenshots are in ${folder}; ${complaints.length} complaints.`);
if (complaints.length > 0) process.exitCode = 1;

// Runs a built page in Chromium, with a session of its own.
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { chromium } from 'playwright-core';
import { Skipped } from './project.mjs';
import { withSimulator } from './simulator.mjs';

const types = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css' };
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--use-fake-device-for-media-stream=fps=30',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
];
const places = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

async function serveFolder(folder) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://x');
    const file = join(folder, normalize(pathname === '/' ? '/index.html' : pathname));
    if (!existsSync(file)) return void response.writeHead(404).end();
    response.setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream');
    response.end(readFileSync(file));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/**
 * Opens a page of the program `page.mjs` at an address, and waits until its session is through.
 * @returns what was seen
 */
export async function tryPage(origin) {
  const executablePath = places.find((path) => path && existsSync(path));
  if (executablePath === undefined) throw new Skipped('There is no Chromium; CHROMIUM_PATH can name one.');
  const browser = await chromium.launch({ executablePath, args: flags });
  try {
    return await withSimulator({}, async (env) => {
      const page = await browser.newPage();
      const complaints = [];
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
      await page.goto(`${origin}/?${new URLSearchParams(env)}`);
      const seen = page.waitForFunction(() => globalThis.compat).then(() => page.evaluate(() => globalThis.compat));
      const { frames } = await seen.catch((error) => {
        throw new Error([error.message, ...complaints].join('\n'), { cause: error });
      });
      if (complaints.length > 0) throw new Error(`The console shows: ${complaints.join('\n')}`);
      return `A session in Chromium ${browser.version().split('.')[0]}: ${frames} frames shown, a prompt acknowledged`;
    });
  } finally {
    await browser.close();
  }
}

/** The same for a folder of files, whose page is index.html. */
export async function openPage(folder) {
  const server = await serveFolder(folder);
  try {
    return await tryPage(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

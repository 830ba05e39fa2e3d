// The probe, as its server renders it and as it runs in Chromium against the simulator.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { brotliCompressSync } from 'node:zlib';

/** What a page loads first, in bytes, compressed as Angular's own estimate is: the scripts that its index names. */
export function initialTransfer({ folder }, variant) {
  const files = join(folder, 'dist', variant, 'browser');
  const index = readFileSync(
    join(
      files,
      readdirSync(files).find((name) => name.startsWith('index.')),
    ),
    'utf8',
  );
  const names = new Set([...index.matchAll(/(?:src|href)="([\w.-]+\.js)"/g)].map(([, name]) => name));
  assert.ok(names.size > 0, 'The index names its scripts.');
  return [...names].reduce((sum, name) => sum + brotliCompressSync(readFileSync(join(files, name))).length, 0);
}

/** Serves a variant until `use` is through. */
export async function withServer({ folder, node }, variant, use) {
  const server = spawn(node, [join(folder, 'dist', variant, 'server/server.mjs')], {
    cwd: folder,
    env: { ...process.env, NG_ALLOWED_HOSTS: '127.0.0.1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = [];
  server.stderr.on('data', (text) => said.push(String(text)));
  try {
    const [url] = await once(createInterface(server.stdout), 'line');
    const result = await use(url);
    assert.deepEqual(said, [], 'The server prints no errors.');
    return result;
  } finally {
    const exited = once(server, 'exit');
    server.kill();
    await exited;
  }
}

/**
 * The quickest answer of each of some servers, in milliseconds, after one to warm up. They are asked in turn, so that a
 * busy machine is as busy for all of them.
 */
export async function answersMs(...urls) {
  const quickest = urls.map(() => Number.POSITIVE_INFINITY);
  for (let turn = 0; turn < 20; turn += 1) {
    for (const [index, url] of urls.entries()) {
      const startMs = performance.now();
      const response = await fetch(url);
      const html = await response.text();
      assert.equal(response.status, 200, html);
      assert.match(html, /<p id="status"[^>]*>(empty|disconnected)/);
      if (turn > 0) quickest[index] = Math.min(quickest[index], performance.now() - startMs);
    }
  }
  return quickest;
}

/** An empty page, and what will go to its console. */
export async function newPage(browser) {
  const page = await browser.newPage();
  // Ends what hangs. It proves nothing: others keep the machine busy meanwhile.
  page.context().setDefaultTimeout(180_000);
  const said = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  return { page, said };
}

/** Opens the page, and waits until Angular is stable in it. */
async function openPage(browser, url) {
  const { page, said } = await newPage(browser);
  await page.addInitScript(() => {
    // Every picture that is taken away, every frame that finds none once there has been one, and every track shown.
    const { prototype } = HTMLMediaElement;
    const { get, set } = Object.getOwnPropertyDescriptor(prototype, 'srcObject');
    const seen = { tracks: [], blanks: 0 };
    Object.assign(globalThis, { pictures: seen });
    Object.defineProperty(prototype, 'srcObject', {
      configurable: true,
      get,
      set(stream) {
        if (stream === null) seen.blanks += 1;
        set.call(this, stream);
      },
    });
    const look = () => {
      const source = document.querySelector('video')?.srcObject ?? null;
      if (seen.tracks.length > 0 && source === null) seen.blanks += 1;
      for (const { id } of source?.getVideoTracks() ?? []) if (!seen.tracks.includes(id)) seen.tracks.push(id);
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await page.goto(url);
  await page.waitForFunction(() => globalThis.probe?.stableMs > 0);
  return { page, said };
}

const prompts = (received) => received.filter(({ type }) => type === 'prompt').map(({ prompt }) => prompt);

/** A session in the page: how often Angular checks, what is seen over a lost socket, which prompts go out. */
export async function checkSession(browser, url, simulator) {
  const query = new URLSearchParams({ key: simulator.apiKey, base: simulator.baseUrl });
  const before = simulator.received.length;
  const received = () => simulator.received.slice(before).map(({ message }) => message);
  const { page, said } = await openPage(browser, `${url}?${query}`);
  const [stable, stableIn] = await page.evaluate(() => [globalThis.probe.stableMs, globalThis.probe.stableIn]);
  // How long that takes is the machine's to say.
  assert.match(stableIn, /^(disconnected|connecting)$/, 'Angular is stable before there is a session.');
  const says = (id, text) => page.locator(`#${id}`).filter({ hasText: text }).waitFor();
  await says('status', 'generating');
  await says('fps', /\d/);
  assert.ok(page.workers().length > 0, 'Frames are worked on in a worker.');

  // From one measurement to the fifth after it, by the page's own clock.
  const checksPerSecond = await page.evaluate(async () => {
    const { probe } = globalThis;
    const startMs = performance.now();
    const { checks } = probe;
    await new Promise((resolve) => {
      const look = () => (performance.now() - startMs > 6_000 ? resolve() : requestAnimationFrame(look));
      look();
    });
    return ((probe.checks - checks) * 1000) / (performance.now() - startMs);
  });

  await page.evaluate(() => {
    for (const prompt of ['a', 'ab', 'abc']) globalThis.probe.edit(prompt);
  });
  await until(() => prompts(received()).includes('abc'));
  simulator.faults.dropSocket();
  // Applied again by the session, not sent again by the page.
  await until(() => prompts(received()).length >= 3);
  await says('status', 'generating');
  await page.waitForFunction(() => document.querySelector('video').videoWidth > 0);
  assert.deepEqual(prompts(received()), ['first', 'abc', 'abc']);
  // The picture after the reconnect is another one.
  await page.waitForFunction(() => globalThis.pictures.tracks.length >= 2);
  assert.equal(await page.evaluate(() => globalThis.pictures.blanks), 0);
  assert.equal(await page.locator('#error').count(), 0);
  assert.equal(await page.locator('video').evaluate((video) => video.muted), true);
  assert.deepEqual(said, [], 'A session leaves nothing on the console.');
  await page.close();
  return { stable, checksPerSecond };

  function until(isTrue) {
    return new Promise((resolve) => {
      const look = () => {
        if (!isTrue()) return;
        subscription.unsubscribe();
        resolve();
      };
      const subscription = simulator.received$.subscribe(look);
      queueMicrotask(look);
    });
  }
}

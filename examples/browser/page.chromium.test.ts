import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { replaySession } from '../../core/index.js';
import { launchBrowser, openContext, testIn } from '../../testkit/browsers/test-browser.js';

let server: ChildProcess;
let url: string;
let browser: Browser;
let page: Page;
/** Errors on the console, violations of the page's policy among them, and what it throws. */
const complaints: string[] = [];
const hosts = new Set<string>();

const serve = (...args: string[]): ChildProcess =>
  spawn(process.execPath, [join(__dirname, 'serve.mjs'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });

beforeAll(async () => {
  server = serve('--port', '0', '--mode', 'echo');
  if (server.stdout === null) throw new Error('no output');
  const [line] = await once(createInterface(server.stdout), 'line');
  url = String(line).replace(/^Page:\s+/, '');
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  const ended = once(server, 'exit');
  server.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
});

function listenTo(opened: Page): void {
  opened.on('console', (message) => {
    // LiveKit warns when a busy machine makes it reconnect.
    if (message.type() === 'error') complaints.push(message.text());
  });
  opened.on('pageerror', (error) => complaints.push(error.message));
  opened.on('request', (request) => {
    if (!request.url().startsWith('blob:')) hosts.add(new URL(request.url()).hostname);
  });
  opened.on('websocket', (socket) => hosts.add(new URL(socket.url()).hostname));
}

const button = (name: string): Locator => page.getByRole('button', { name, exact: true });
const says = (id: string, text: string | RegExp): Promise<void> =>
  page.locator(`#${id}`).filter({ hasText: text }).waitFor();
const happens = (text: string): Promise<void> => page.locator('#events li', { hasText: text }).first().waitFor();

/** Resolves when the element has shown so many more frames. */
const frames = (id: string, count: number, on = page): Promise<void> =>
  on.locator(`#${id}`).evaluate(
    (video, wanted) =>
      new Promise<void>((resolve) => {
        let seen = 0;
        const next = (): void => {
          (video as HTMLVideoElement).requestVideoFrameCallback(() => {
            seen += 1;
            if (seen >= wanted) resolve();
            else next();
          });
        };
        next();
      }),
    count,
  );

async function connect(): Promise<void> {
  await button('Connect').click();
  await says('state', /connected|generating/);
  await frames('remote', 5);
}

/** Resolves when the test pattern's last bar, the blue one, is seen at this edge of what goes in. */
const blueEdge = (edge: 'left' | 'right'): Promise<unknown> =>
  page.waitForFunction((isLeft) => {
    const video = document.querySelector<HTMLVideoElement>('#local');
    const context = new OffscreenCanvas(1, 1).getContext('2d');
    if (!video?.videoWidth || !context) return false;
    const { videoWidth, videoHeight } = video;
    context.drawImage(video, isLeft ? 20 : videoWidth - 20, videoHeight / 2, 1, 1, 0, 0, 1, 1);
    const [red = 255, green = 255, blue = 0] = context.getImageData(0, 0, 1, 1).data;
    return red < 60 && green < 60 && blue > 120;
  }, edge === 'left');

/** A few frames of 320×180, recorded by the browser. */
async function recordedClip(): Promise<Buffer> {
  const base64 = await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 });
    const context = canvas.getContext('2d');
    const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType: 'video/webm' });
    const recorded = new Promise<Blob>((resolve) => {
      recorder.addEventListener('dataavailable', ({ data }) => resolve(data), { once: true });
    });
    recorder.start();
    for (let frame = 0; frame < 20; frame += 1) {
      if (context) context.fillStyle = `hsl(${frame * 18}deg 80% 50%)`;
      context?.fillRect(0, 0, 320, 180);
      await new Promise(requestAnimationFrame);
    }
    recorder.stop();
    const bytes = new Uint8Array(await (await recorded).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  });
  return Buffer.from(base64, 'base64');
}

describe('in the browser', () => {
  beforeEach(async () => {
    const context = await openContext(browser, ['camera']);
    // How long anything may take is the test's to say.
    context.setDefaultTimeout(0);
    page = await context.newPage();
    listenTo(page);
    context.on('page', listenTo);
    await page.goto(url);
    // It listens to its controls once it knows its service, and shows a picture then.
    await frames('local', 1);
  });

  afterEach(async () => {
    await page.context().close();
    expect(complaints.splice(0)).toEqual([]);
    expect([...hosts]).toEqual(['127.0.0.1']);
  });

  describe('the page', () => {
    it('goes through a session: connect, prompt, a dropped socket, disconnect', async () => {
      await frames('local', 3);
      await connect();
      await says('remote-size', '1088×624');
      await says('fps', /\d fps/);

      await page.getByRole('textbox', { name: 'Prompt' }).fill('Claymation of a harbour');
      await button('Send').click();
      await says('prompt-status', /^Acknowledged after \d+ ms\.$/);

      await button('Drop the socket').click();
      await happens('reconnecting');
      // The new prompt, not the one that the session began with.
      await happens('intent restored' + 'replayed');
      await frames('remote', 5);

      await button('Disconnect').click();
      await says('state', 'disconnected');

      await button('Connect').waitFor();
      await page.getByText('Nothing comes back yet.').waitFor();
    });

    const testDownload = testIn('chromium', 'Firefox reports no downloads to a test');
    testDownload('saves a recording of the session that can be replayed', async () => {
      await connect();
      await button('Disconnect').click();
      await says('state', 'disconnected');
      const [saved] = await Promise.all([page.waitForEvent('download'), button('Save recording').click()]);
      const recording = await readFile(await saved.path(), 'utf8');
      expect(recording).toContain('Watercolor at dawn');
      expect(() => replaySession(recording)).not.toThrow();
    });

    it('goes through a session over a peer connection of its own, and lets others watch it', async () => {
      await page.locator('#transport').selectOption('webrtc');
      await connect();
      await says('fps', /\d fps/);
      await page.getByRole('textbox', { name: 'Prompt' }).fill('Claymation of a harbour');
      await button('Send').click();
      await says('prompt-status', /^Acknowledged after \d+ ms\.$/);

      await button('Drop the socket').click();
      await happens('reconnecting');
      await happens('intent restored' + 'replayed');
      await frames('remote', 5);

      const link = page.locator('#watch');
      const [viewer] = await Promise.all([page.context().waitForEvent('page'), link.click()]);
      await frames('video', 5, viewer);
      await button('Disconnect').click();
      await says('state', 'disconnected');
      await viewer.getByText('The session that was watched has ended.').waitFor();
    });

    it('can be used by keyboard alone', async () => {
      const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.id ?? '');
      await button('Connect').and(page.locator(':enabled')).waitFor();
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      expect(await focused()).toBe('power');
      await page.keyboard.press('Enter');
      await says('state', /connected|generating/);
      // The link is shown when the session has its id, which may be later.
      await page.locator('#watch').waitFor();
      // The button is the same one, under another name.
      expect(await focused()).toBe('power');

      const order: string[] = [];
      while ((await focused()) !== 'prompt' && order.length < 10) {
        await page.keyboard.press('Tab');
        order.push(await focused());
      }
      // Firefox stops at videos, too.
      expect(order.filter((id) => id !== 'remote' && id !== 'local')).toEqual(['watch', 'prompt']);
      await page.keyboard.press('Control+a');
      await page.keyboard.type('Pencil sketch');
      await page.keyboard.press('Enter');
      await says('prompt-status', 'Acknowledged');
    });

    it('has a name for every control, and says its state to those who do not see it', async () => {
      const nameless = await page
        .getByRole('main')
        .or(page.getByRole('complementary'))
        .evaluateAll((parts) =>
          parts
            .flatMap((part) => [...part.querySelectorAll<HTMLInputElement>('input, select')])
            .filter((control) => !control.labels?.length && !control.ariaLabel)
            .map(({ id }) => id),
        );
      expect(nameless).toEqual([]);
      await expect(page.locator('#state').getAttribute('role')).resolves.toBe('status');
      await expect(page.locator('#notice').getAttribute('role')).resolves.toBe('alert');
    });

    it('mirrors the input when asked to, and only then', async () => {
      await blueEdge('right');
      await page.getByLabel('Mirror').selectOption('on');
      await blueEdge('left');
      await page.getByLabel('Mirror').selectOption('auto');
      await blueEdge('right');
    });

    it('goes on with another source in the same session, and with another model in a new one', async () => {
      await connect();
      const session = await page.locator('#watch').getAttribute('href');
      await page.getByRole('radio', { name: 'Camera' }).check();
      await frames('local', 3);
      await frames('remote', 5);
      expect(await page.locator('#watch').getAttribute('href')).toBe(session);

      await page.getByLabel('Name').selectOption('lucy-2.5');
      await says('local-size', '1280×720');
      await says('state', /connected|generating/);
      await frames('remote', 5);
      expect(await page.locator('#watch').getAttribute('href')).not.toBe(session);
    });

    it('plays a clip into the session, and says so when it cannot', async () => {
      await page.getByRole('radio', { name: 'Clip' }).check();
      const clip = page.locator('#clip');
      await clip.setInputFiles({ name: 'notes.mp4', mimeType: 'video/mp4', buffer: Buffer.from('no video') });
      await page.getByRole('alert').filter({ hasText: 'notes.mp4 is no video' }).waitFor();
      await clip.setInputFiles({ name: 'clip.webm', mimeType: 'video/webm', buffer: await recordedClip() });
      await says('local-size', '320×180');
      await connect();
      await says('remote-size', '320×180');
    });

    it('says when no camera is available', async () => {
      await page.evaluate(() => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
      });
      await page.getByRole('radio', { name: 'Camera' }).check();
      await page.getByRole('alert').filter({ hasText: 'access was denied' }).waitFor();
      await happens('media device error');
    });

    it('sends the reference image that is chosen, and takes it back', async () => {
      await connect();
      const picture = PNG.sync.write(new PNG({ width: 64, height: 36 }));
      await page
        .getByLabel('Choose a reference image')
        .setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: picture });
      await page.getByAltText('Chosen reference').waitFor();
      await says('reference-status', 'Acknowledged');
      await button('Remove').click();
      await page.getByText('Drop or paste an image').waitFor();
      await says('reference-status', 'Acknowledged');
    });

    it('takes a dropped image, too, for the next session', async () => {
      await page.locator('#reference').evaluate((area) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([new Uint8Array([0x89, 0x50, 0x4e, 0x47])], 'a.png', { type: 'image/png' }));
        area.dispatchEvent(new DragEvent('drop', { dataTransfer, cancelable: true, bubbles: true }));
      });
      await says('reference-status', 'Goes out with the next session.');
    });

    it('says what was refused, and lets the session go on', async () => {
      await connect();
      await button('Refuse next prompt').click();
      await says('fault-status', 'done');
      await button('Send').click();
      await says('prompt-status', 'not this one');
      await button('Send').click();
      await says('prompt-status', 'Acknowledged');
    });
  });

  describe('the viewer page', () => {
    it('shows the session that the link leads to', async () => {
      await connect();
      const [viewer] = await Promise.all([page.context().waitForEvent('page'), page.locator('#watch').click()]);
      await viewer.locator('#state', { hasText: /^connected$/ }).waitFor();
      await frames('video', 5, viewer);
      await viewer.getByRole('button', { name: 'Leave' }).click();
      await viewer.locator('#state', { hasText: 'no session' }).waitFor();
    });

    it('says what is wrong with a token', async () => {
      await page.goto(new URL('../watch/#token=nonsense', url).href);
      await page.getByRole('alert').filter({ hasText: 'token' }).waitFor();
      await says('state', 'no session');
    });
  });
});

describe('what cannot be served', () => {
  it.each([
    [['--mode', 'paint'], '--mode: expected restyle or echo, got "paint".'],
    [['--port', 'x'], '--port: expected a whole number from 0 to 65535, got "x".'],
    [['--colour'], "Unknown option '--colour'"],
  ])('is reported in one line: %j', async (args, message) => {
    const child = serve(...args);
    let output = '';
    child.stderr?.on('data', (text: Buffer) => {
      output += text;
    });
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(output.trim().split('\n')).toEqual([expect.stringContaining(message)]);
  });

  it('names the port that is in use', async () => {
    const child = serve('--port', new URL(url).port);
    let output = '';
    child.stderr?.on('data', (text: Buffer) => {
      output += text;
    });
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(output).toContain('is in use');
  });
});

it('takes orders from its own pages only', async () => {
  const order = (headers: Record<string, string>) =>
    fetch(new URL('/simulator', url), { method: 'POST', headers, body: '{"kind":"clear"}' });
  expect((await order({ origin: 'https://elsewhere.example' })).status).toBe(403);
  expect((await order({ origin: new URL(url).origin })).status).toBe(204);
});

// What the embedded media server costs and delivers, measured with a real browser.
// Usage: npm run build && node bench/media-server.mjs [--seconds 20] [--loss 0] [--width 640] [--height 360] [--simulcast]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadSource } from './load-source.mjs';

const loadServer = () =>
  process.env.MEDIA_SERVER_MODULE
    ? import(process.env.MEDIA_SERVER_MODULE)
    : loadSource('testkit/simulator/sfu/media-server.ts');
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    loss: { type: 'string', default: '0' },
    width: { type: 'string', default: '640' },
    height: { type: 'string', default: '360' },
    codec: { type: 'string', default: 'vp8' },
    signalling: { type: 'string', default: 'v1' },
    simulcast: { type: 'boolean', default: false },
    server: { type: 'boolean', default: false },
  },
});
await (values.server ? serve() : measure());

/** The server alone in a process, so that its share of the CPU is its own. */
async function serve() {
  const { startMediaServer, createAccessToken } = await loadServer();
  const server = await startMediaServer({ signalling: values.signalling });
  server.attachEcho('bench', 'inference-server-0');
  const lossPercent = Number(values.loss);
  if (lossPercent > 0) server.faults.setNetwork({ lossPercent });
  const { apiKey, apiSecret, url } = server;
  process.on('message', () =>
    process.send?.({ cpu: process.cpuUsage(), rss: process.memoryUsage().rss, stats: server.stats() }),
  );
  process.on('disconnect', () => server.close());
  process.send?.({ url, token: await createAccessToken({ apiKey, apiSecret, room: 'bench', identity: 'alice' }) });
}

async function measure() {
  const { chromium } = await import('playwright-core');
  const child = fork(fileURLToPath(import.meta.url), ['--server', ...process.argv.slice(2)]);
  const [{ url, token }] = await once(child, 'message');
  const usage = async () => {
    child.send('usage');
    return (await once(child, 'message'))[0];
  };
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--use-fake-device-for-media-stream=fps=30',
      '--use-fake-ui-for-media-stream',
    ],
  });
  try {
    const context = await browser.newContext({ permissions: ['camera'] });
    const page = await context.newPage();
    await page.goto(url.replace(/^ws/, 'http'));
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve('livekit-client') });
    await page.evaluate(start, { ...values, url, token });
    const before = await usage();
    const beganMs = performance.now();
    const rows = [];
    for (let second = 1; second <= Number(values.seconds); second += 1) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      rows.push(await page.evaluate(sample));
    }
    const elapsedMs = performance.now() - beganMs;
    const after = await usage();
    const cpuMs = (after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system) / 1000;
    for (const [index, row] of rows.entries())
      if (index < 5 || (index + 1) % 5 === 0) console.log(index + 1, JSON.stringify(row));
    const timing = await page.evaluate(() => globalThis.timing);
    console.log(
      JSON.stringify({
        ...timing,
        cpuPercent: Math.round((cpuMs / elapsedMs) * 1000) / 10,
        rssMb: Math.round(after.rss / 1e5) / 10,
        framesPerSecond: Math.round(((rows.at(-1).frames - rows[0].frames) / (rows.length - 1)) * 10) / 10,
        freezes: rows.at(-1).freezes - rows[0].freezes,
        dropped: rows.at(-1).dropped,
        ...after.stats,
      }),
    );
  } finally {
    await browser.close();
    child.disconnect();
  }
}

/** Runs in the page. */
async function start({ url, token, width, height, codec, simulcast }) {
  const sdk = globalThis.LivekitClient;
  const room = new sdk.Room();
  globalThis.room = room;
  // A picture that is hard to compress, so that the encoder uses the bit rate it is given.
  const canvas = Object.assign(document.createElement('canvas'), { width: +width, height: +height });
  const pen = canvas.getContext('2d');
  let drawn = 0;
  setInterval(() => {
    drawn += 1;
    for (let i = 0; i < 400; i += 1) {
      pen.fillStyle = `hsl(${(i * 37 + drawn * 5) % 360} 70% ${30 + ((i * 13) % 50)}%)`;
      pen.fillRect((i * 97 + drawn * 7) % canvas.width, (i * 61 + drawn * 3) % canvas.height, 24, 16);
    }
  }, 1000 / 30);
  const track = new sdk.LocalVideoTrack(canvas.captureStream(30).getVideoTracks()[0], undefined, true);
  const beganMs = performance.now();
  const shown = new Promise((resolve) => {
    room.on(sdk.RoomEvent.TrackSubscribed, (remote) => {
      const video = remote.attach();
      globalThis.remote = remote;
      video.requestVideoFrameCallback(() => resolve(performance.now() - beganMs));
    });
  });
  await room.connect(url, token);
  const connectMs = performance.now() - beganMs;
  await room.localParticipant.publishTrack(track, {
    videoCodec: codec,
    simulcast,
    backupCodec: false,
    videoEncoding: { maxBitrate: 2_000_000, maxFramerate: 30 },
    source: sdk.Track.Source.Camera,
  });
  globalThis.local = track;
  globalThis.timing = { connectMs: Math.round(connectMs), firstFrameMs: Math.round(await shown) };
}

/** Runs in the page. */
async function sample() {
  const row = {};
  for (const stats of (await globalThis.remote.getRTCStatsReport()).values()) {
    if (stats.type === 'inbound-rtp') {
      Object.assign(row, { size: `${stats.frameWidth}x${stats.frameHeight}`, frames: stats.framesDecoded });
      Object.assign(row, { freezes: stats.freezeCount, dropped: stats.framesDropped, lost: stats.packetsLost });
      Object.assign(row, {
        nacks: stats.nackCount,
        plis: stats.pliCount,
        kbReceived: Math.round(stats.bytesReceived / 1000),
      });
    }
  }
  for (const stats of (await globalThis.local.getRTCStatsReport()).values()) {
    if (stats.type === 'candidate-pair' && stats.nominated)
      row.outgoingKbps = Math.round(stats.availableOutgoingBitrate / 1000);
  }
  return row;
}

// How many latency markers survive a real encoder: sessions over the simulator, which sends the video back as it came.
// Run `npm run build` first, then `node bench/markers.mjs [frames]`. Exits with 1 when fewer than 99 % of the markers in
// frames of 640x360 and more are read, or one is read wrong; takes some minutes, at few frames a second. The truth is a second number in the picture, in large blocks.

import { startSimulator } from 'decart-rx-simulator';
import { createTestPattern } from '../dist/esm/adapters/node/frames/test-pattern.js';
import { createDecartClient, readMarker } from '../dist/esm/adapters/node/index.js';

const wanted = Number(process.argv[2] ?? 100);
const bits = 16;
const [dark, bright] = [40, 210];

/** Coarse noise over the test pattern, another one in each frame: the encoder uses all the bits that it is given. */
function numbered(width, height) {
  const draw = createTestPattern({ width, height });
  const band = Math.round(height / 14);
  const noise = Uint8Array.from({ length: 0x10000 }, () => Math.floor(Math.random() * 64));
  return (number) => {
    const frame = draw(number);
    for (let at = 0; at < width * height; at += 1) {
      frame.data[at] = (frame.data[at] >> 1) + noise[((at >> 2) * 40_503 + number * 7919) & 0xffff] + 32;
    }
    for (let y = 0; y < 2 * band; y += 1) {
      for (let bit = 0; bit < bits; bit += 1) {
        const [from, to] = [bit, bit + 1].map((at) => y * width + Math.round((at * width) / bits));
        frame.data.fill(((number >> bit) & 1) === (y < band ? 1 : 0) ? bright : dark, from, to);
      }
    }
    return frame;
  };
}

function numberOf({ data, width, height }) {
  const band = Math.round(height / 14);
  let number = 0;
  for (let bit = 0; bit < bits; bit += 1) {
    const x = Math.round(((bit + 0.5) * width) / bits);
    const [first, second] = [band >> 1, band + (band >> 1)].map((y) => data[y * width + x] > 125);
    if (first === second) return null;
    if (first) number |= 1 << bit;
  }
  return number;
}

const markerOf = ({ data, width, height }) => readMarker(data, width, height, width);

async function measure(simulator, codec, kbps, width, height) {
  const client = createDecartClient({ apiKey: simulator.apiKey, baseUrl: simulator.baseUrl });
  const model = { name: 'lucy-latest', urlPath: '/v1/stream', fps: 30, width, height };
  const draw = numbered(width, height);
  async function* source() {
    for (let number = 1; ; number = (number + 1) & 0xffff) yield draw(number);
  }
  const local = await client.realtime.createLocalVideoStream(
    { model },
    { source: source(), debugQuality: true, mirror: 'off' },
  );
  const stamped = new Map();
  local.frames$.subscribe((frame) => stamped.set(numberOf(frame), markerOf(frame)));
  const video = {
    preferredCodec: codec,
    maxBitrate: kbps * 1000,
    simulcast: false,
    degradationPreference: 'maintain-resolution',
  };
  const remote = await client.realtime.connect(
    { model, debugQuality: true, realtimeConfiguration: { media: { video } } },
    local,
  );
  const tally = { right: 0, unread: 0, wrong: 0 };
  let sent = 0;
  client.realtime.stats$.subscribe(({ outboundVideo }) => {
    sent = Math.round((outboundVideo?.bitrate ?? 0) / 1000);
  });
  let smallest = Number.POSITIVE_INFINITY;
  await new Promise((resolve) => {
    remote.frames$.subscribe((frame) => {
      const truth = stamped.get(numberOf(frame));
      if (truth === undefined || truth === null || tally.right + tally.unread + tally.wrong >= wanted) return;
      smallest = Math.min(smallest, frame.width);
      const seq = markerOf(frame);
      tally[seq === truth ? 'right' : seq === null ? 'unread' : 'wrong'] += 1;
      if (tally.right + tally.unread + tally.wrong === wanted) resolve();
    });
  });
  await client.release();
  await local.dispose();
  return {
    codec,
    'limit kbit/s': kbps,
    'sent kbit/s': sent,
    size: `${width}x${height}`,
    'least width': smallest,
    ...tally,
  };
}

const simulator = await startSimulator();
const rows = [];
for (const codec of ['vp8', 'h264']) {
  for (const [width, height] of [
    [640, 360],
    [1280, 720],
  ]) {
    for (const kbps of [300, 1000, 2000]) rows.push(await measure(simulator, codec, kbps, width, height));
  }
}
await simulator.close();
console.table(rows);
const missed = rows.filter(({ right, wrong }) => wrong > 0 || right < 0.99 * wanted);
console.log(missed.length === 0 ? 'all above 99 %, none wrong' : `missed: ${JSON.stringify(missed)}`);
process.exitCode = missed.length === 0 ? 0 : 1;

// What frames cost in Node at 1280x720: mirroring and drawing against a plain copy of the same bytes, and handing a
// frame to the native library. Run `npm run build` first, then `node bench/frames.mjs`.

import { setImmediate } from 'node:timers/promises';
import { createFrameMirror, createPlainMirror } from '../dist/esm/adapters/node/frames/mirror.js';
import { createFrameFinish } from '../dist/esm/adapters/node/frames/stamp.js';
import { createTestPattern } from '../dist/esm/adapters/node/frames/test-pattern.js';
import { i420Length } from '../dist/esm/transports/livekit/node/index.js';
import { acquireLiveKitNode } from '../dist/esm/transports/livekit/node/native.js';
import { createRemoteStream } from '../dist/esm/transports/livekit/node/remote-stream.js';
import { createFrameCapture } from '../dist/esm/transports/livekit/node/video-publisher.js';

const size = { width: 1280, height: 720 };
const rounds = 1_500;
const frame = Uint8Array.from({ length: i420Length(size.width, size.height) }, (_, at) => (at * 31) & 0xff);
const target = new Uint8Array(frame.length);

const mirrorWith = (mirror) => () => {
  mirror.data.set(frame);
  mirror.run();
};
const draw = createTestPattern(size);
const finish = createFrameFinish({ ...size, mirror: true, nextMarker: () => 4711 });
let drawn = 0;

const { rtc, release } = await acquireLiveKitNode();
const source = new rtc.VideoSource(size.width, size.height);
const capture = createFrameCapture(rtc, source, size);
// Somebody has to take the frames, or handing them over costs next to nothing.
const track = rtc.LocalVideoTrack.createVideoTrack('camera', source);
const ignored = { onFirstFrame() {}, onFailed() {}, onMarker: null };
const stream = createRemoteStream(rtc, { videoTrack: track, audioTrack: null }, ignored);
const pool = new Uint8Array(frame.length + 64);
const unaligned = { data: pool.subarray(64), ...size };

const copy = () => target.set(frame);
const candidates = {
  'mirror, WebAssembly (copy in + kernel)': mirrorWith(createFrameMirror(size)),
  'mirror, plain JavaScript': mirrorWith(createPlainMirror(size)),
  'mirror + stamp, as sent': () => finish({ data: frame, ...size }),
  'draw the test pattern': () => draw(drawn++),
  captureFrame: () => capture({ data: frame, ...size }),
  'captureFrame, bytes inside a pool': () => capture(unaligned),
};

const time = (run) => {
  const begin = performance.now();
  run();
  return performance.now() - begin;
};
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

// Engines compile the kernel a second time, better, once it has run often enough.
for (const run of Object.values(candidates)) {
  for (let round = 0; round < rounds; round += 1) {
    run();
    await setImmediate();
  }
}

const rows = {};
let copyMs = 0;
for (const [name, run] of Object.entries(candidates)) {
  // Each against a copy taken in turn with it, so that both meet the same machine.
  const [copies, times] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    copies.push(time(copy));
    times.push(time(run));
    await setImmediate();
  }
  copyMs = median(copies);
  const ms = median(times);
  rows[name] = { 'median ms': ms.toFixed(4), 'copy ms': copyMs.toFixed(4), 'times a copy': (ms / copyMs).toFixed(2) };
}
console.table(rows);

await stream.dispose();
await track.close(true);
await release();

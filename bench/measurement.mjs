// What measuring costs, beside a floor measured in the same run: copying the luma plane of a 1280x720 frame.
// Run `npm run build` first, then `node bench/measurement.mjs`. Exits with 1 when a target is missed.
import { performance } from 'node:perf_hooks';
import { Subject } from 'rxjs';
import { readMarker, readMarkerRgba, stampMarker, stampMarkerRgba } from '../dist/esm/core/latency/marker.js';
import { createLatencyTracker } from '../dist/esm/core/latency/tracker.js';
import { noQualitySignals, scoreQuality } from '../dist/esm/core/quality/score.js';
import { qualityReports } from '../dist/esm/core/quality/smooth.js';

const width = 1280;
const height = 720;
const stampAndReadTargetMs = 0.05;
const evaluatorTargetPerSecond = 500_000;

/** Median over rounds of the mean time of one call, in milliseconds. */
function cost(run, calls, rounds = 15) {
  const means = [];
  // The first rounds only warm up the compiler.
  for (let round = -5; round < rounds; round += 1) {
    const startMs = performance.now();
    for (let call = 0; call < calls; call += 1) run(call);
    if (round >= 0) means.push((performance.now() - startMs) / calls);
  }
  return means.sort((a, b) => a - b)[rounds >> 1];
}

const luma = Uint8Array.from({ length: width * height }, (_, index) => (index * 31) & 0xff);
const rgba = new Uint8ClampedArray(width * height * 4).fill(90);
const source = luma.slice();
const floorMs = cost(() => luma.set(source), 300);

let misread = 0;
const lumaMs = cost((call) => {
  stampMarker(luma, width, height, width, call & 0xffff);
  if (readMarker(luma, width, height, width) !== (call & 0xffff)) misread += 1;
}, 1000);
const rgbaMs = cost((call) => {
  stampMarkerRgba(rgba, width, height, width * 4, call & 0xffff);
  if (readMarkerRgba(rgba, width, height, width * 4) !== (call & 0xffff)) misread += 1;
}, 1000);
const unmarked = source.slice();
const searchMs = cost(() => readMarker(unmarked, width, height, width), 1000);

const samples = Array.from({ length: 1024 }, (_, index) => ({
  ...noQualitySignals,
  rttMs: 40 + ((index * 37) % 400),
  g2gMs: 300 + ((index * 53) % 900),
  fractionLost: ((index * 7) % 30) / 1000,
  availableOutgoingKbps: 2000 + ((index * 97) % 3000),
  fps: 10 + (index % 21),
  freezeCountDelta: index % 50 === 0 ? 1 : 0,
  qualityLimitationReason: index % 9 === 0 ? 'cpu' : 'none',
  isRelayed: false,
}));
const signals = new Subject();
let reports = 0;
signals.pipe(qualityReports()).subscribe(() => {
  reports += 1;
});
const evaluatorMs = cost((call) => signals.next(samples[call & 1023]), 20_000);
const scoreMs = cost((call) => scoreQuality(samples[call & 1023]), 20_000);

const tracker = createLatencyTracker();
tracker.markStart(0);
let frame = 0;
const trackerMs = cost(() => {
  frame += 1;
  tracker.recordInbound(tracker.stampNext(frame * 33), frame * 33 + 100);
}, 20_000);

const row = (what, ms) => ({ what, ms: Number(ms.toPrecision(3)), 'x floor': Number((ms / floorMs).toPrecision(3)) });
console.table([
  row('copy a 1280x720 luma plane (floor)', floorMs),
  row('stamp + read, luma', lumaMs),
  row('stamp + read, RGBA', rgbaMs),
  row('read, no marker in the frame', searchMs),
  row('tracker, one frame out and in', trackerMs),
  row('scoreQuality, one sample', scoreMs),
  row('qualityReports, one sample', evaluatorMs),
]);
const perSecond = Math.round(1000 / evaluatorMs);
console.log(`stamp + read ${lumaMs.toFixed(4)} ms (target at most ${stampAndReadTargetMs})`);
console.log(`evaluator ${perSecond} samples/s (target at least ${evaluatorTargetPerSecond}), ${reports} reports`);
const isMissed = misread > 0 || lumaMs > stampAndReadTargetMs || perSecond < evaluatorTargetPerSecond;
if (isMissed) console.log(`missed (${misread} misread)`);
process.exitCode = isMissed ? 1 : 0;

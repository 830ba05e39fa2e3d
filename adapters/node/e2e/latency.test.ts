import { describe, expect, test } from '@jest/globals';
import { readMarker } from '../../../core/latency/marker.js';
import { median } from '../../../core/stats/median.js';
import { createLocalVideoStream, type I420Frame, type RealtimeStats } from '../index.js';
import { createStage, first, model } from './stage.js';

const stage = createStage();
const frameIntervalMs = 1000 / model.fps;

const markerOf = ({ data, width, height }: I420Frame): number | null => readMarker(data, width, height, width);

describe.each([0, 100, 300])('a service that takes %i ms longer', (lagMs) => {
  test('the reported median is within one frame interval of what is measured beside it', async () => {
    stage.simulator.faults.inferenceLag(lagMs);
    const client = stage.client();
    const { local, realtime } = await stage.connect(client);
    // The truth: when each number leaves and comes back, by a clock of the test's own, in the frames themselves.
    const leftAtMs = new Map<number, number>();
    const latencies: number[] = [];
    const remote = await first(realtime.remoteStream$, (stream) => stream !== null);
    local.frames$.subscribe((frame) => {
      const seq = markerOf(frame);
      if (seq !== null) leftAtMs.set(seq, performance.now());
    });
    remote?.frames$.subscribe((frame) => {
      const seq = markerOf(frame);
      const left = seq === null ? undefined : leftAtMs.get(seq);
      if (left !== undefined) latencies.push(performance.now() - left);
    });
    const { latency } = await first(realtime.stats$, (stats) => stats.latency.sampleCount >= 60);
    expect(latency.unavailable).toBeNull();
    expect(latency.medianMs).toBeGreaterThanOrEqual(lagMs);
    // The latest, as many as were counted: samples count from 2 s after the first match.
    const truthMs = median(latencies.slice(-latency.sampleCount)) ?? Number.NaN;
    expect(truthMs).toBeGreaterThanOrEqual(lagMs);
    expect(Math.abs((latency.medianMs ?? Number.NaN) - truthMs)).toBeLessThanOrEqual(frameIntervalMs);
    expect(latency.ttffMs).toBeGreaterThan(0);
    await first(realtime.quality$, (report) => report?.metrics.g2gMs !== null && report?.g2gUnavailable === null);
  });
});

test('a stream that carries no markers is named as the reason', async () => {
  const { realtime } = stage.client();
  const local = await createLocalVideoStream({ model }, { source: 'test-pattern' });
  await realtime.connect({ model, debugQuality: true }, local);
  const { latency }: RealtimeStats = await first(realtime.stats$, () => true);
  expect(latency).toMatchObject({ unavailable: 'unstamped-source', medianMs: null });
  await local.dispose();
});

test('a frame too small for the marker is named as the reason', async () => {
  const { realtime } = await stage.connect(stage.client(), { model: { ...model, width: 160, height: 120 } });
  const { latency } = await first(realtime.stats$, () => true);
  expect(latency).toMatchObject({ unavailable: 'frame-too-small', medianMs: null });
});

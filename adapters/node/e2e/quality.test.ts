import { describe, expect, test } from '@jest/globals';
import { EMPTY, map, skip, switchMap, take, toArray } from 'rxjs';
import { namedLiveKit } from '../../../testkit/simulator/conformance/livekit-server.js';
import type { ConnectionQuality, ConnectionQualityReport, DecartClient, LimitingFactor } from '../index.js';
import { createStage, first } from './stage.js';

const stage = createStage();
/** A LiveKit server of its own has no network that could be made bad. */
const embeddedTest = namedLiveKit() === null ? test : test.skip;
type Realtime = DecartClient['realtime'];
type Diagnostic = Parameters<Parameters<Realtime['diagnostics$']['forEach']>[0]>[0];

const report = (realtime: Realtime, condition: (report: ConnectionQualityReport) => boolean) =>
  first<ConnectionQualityReport | null, ConnectionQualityReport>(
    realtime.quality$,
    (each): each is ConnectionQualityReport => each !== null && condition(each),
  );
/** The first report that names this factor and shows one of these levels: the level follows the factor by some samples. */
const named = (
  realtime: Realtime,
  factor: LimitingFactor,
  levels: readonly ConnectionQuality[] = ['fair', 'poor', 'critical'],
) => report(realtime, ({ limitingFactor, quality }) => limitingFactor === factor && levels.includes(quality));
const diagnostic = <N extends Diagnostic['name']>(
  realtime: Realtime,
  name: N,
  condition: (event: Extract<Diagnostic, { name: N }>) => boolean = () => true,
) =>
  first<Diagnostic, Extract<Diagnostic, { name: N }>>(
    realtime.diagnostics$,
    (event): event is Extract<Diagnostic, { name: N }> =>
      event.name === name && condition(event as Extract<Diagnostic, { name: N }>),
  );

// Each fault is so bad that what is limited by it is critical: of factors that tie, stall is named last, and a machine that
// is held up may stall. Its estimate of bandwidth may stay low for good, too, and is named first: only the test of bandwidth
// judges it.
const anyBandwidth = { qualityThresholds: { requiredUpstreamKbps: 1 } };
describe('the limiting factor is', () => {
  embeddedTest('bandwidth, once warmed up, where the network carries 800 kbit/s', async () => {
    stage.simulator.faults.bandwidth(800);
    const { realtime } = await stage.connect(stage.client());
    const { warmingUp, metrics } = await named(realtime, 'bandwidth', ['critical']);
    expect(warmingUp).toBe(false);
    expect(metrics.availableUpstreamKbps).toBeLessThan(1750);
  });

  embeddedTest('loss, where 12 % of the datagrams are lost', async () => {
    const { realtime } = await stage.connect(stage.client(), anyBandwidth);
    stage.simulator.faults.lossPercent(12);
    const { metrics } = await named(realtime, 'loss', ['poor', 'critical']);
    expect(metrics.packetLoss).toBeGreaterThan(0.01);
  });

  embeddedTest('latency, by the round trip, where the network takes 260 ms each way', async () => {
    stage.simulator.faults.delay(260);
    const { realtime } = await stage.connect(stage.client(), { ...anyBandwidth, debugQuality: false });
    const { metrics, g2gUnavailable } = await named(realtime, 'latency', ['poor', 'critical']);
    // Timers of Node fire up to a millisecond early.
    expect(metrics.rttMs).toBeGreaterThanOrEqual(2 * (260 - 1));
    expect(metrics.g2gMs).toBeNull();
    expect(g2gUnavailable).toBe('debug-quality-off');
  });

  test('latency, from glass to glass, where only the service is slow', async () => {
    stage.simulator.faults.inferenceLag(1600);
    const { realtime } = await stage.connect(stage.client(), anyBandwidth);
    const { metrics } = await named(realtime, 'latency', ['poor', 'critical']);
    expect(metrics.g2gMs).toBeGreaterThanOrEqual(1600);
    expect(metrics.rttMs).toBeLessThan(metrics.g2gMs ?? 0);
  });

  embeddedTest('stall, where nothing passes for a while; it ends by itself, and its duration is reported', async () => {
    const { realtime } = await stage.connect(stage.client(), anyBandwidth);
    await report(realtime, ({ metrics }) => (metrics.fps ?? 0) > 0);
    const recovered = diagnostic(realtime, 'videoStall', ({ stalled }) => !stalled);
    stage.simulator.faults.udpBlackout(true);
    await diagnostic(realtime, 'videoStall', ({ stalled }) => stalled);
    await named(realtime, 'stall');
    stage.simulator.faults.udpBlackout(false);
    const { durationMs } = await recovered;
    expect(durationMs).toBeGreaterThan(0);
    expect(realtime.isConnected()).toBe(true);
  });
});

test('a frozen session is reported, is asked to resume, and reconnects; then the frames are back', async () => {
  // The time that the resume and one report after it have, on any machine, before the session reconnects.
  const { realtime } = await stage.connect(stage.client(), { recoverStalledAfterMs: 10_000 });
  await report(realtime, ({ metrics }) => (metrics.fps ?? 0) > 0);
  const steps = realtime.diagnostics$.pipe(
    map((event) => {
      if (event.name === 'videoStall') return event.stalled ? 'stalled' : 'recovered';
      return event.name === 'stallRecovery' ? event.step : event.name;
    }),
  );
  const log: string[] = [];
  const states: string[] = [];
  steps.subscribe((step) => log.push(step));
  realtime.connectionState$.subscribe((state) => states.push(state));
  /** Of a stream that comes after the present one. */
  const frames$ = realtime.remoteStream$.pipe(
    skip(1),
    switchMap((stream) => stream?.frames$ ?? EMPTY),
  );
  const afresh = first(frames$, () => true);

  const reconnecting = first(steps, (step) => step === 'reconnect');
  stage.simulator.faults.stallInference(true);
  await first(steps, (step) => step === 'mediaReconnected');
  // The frozen picture is known: the first verdict after the media connection came back is no good one.
  expect(await report(realtime, () => true)).toMatchObject({ quality: 'critical', metrics: { fps: 0 } });
  await reconnecting;
  stage.simulator.faults.stallInference(false);
  await afresh;

  const recovery = ['stalled', 'resume', 'mediaReconnecting', 'mediaReconnected', 'reconnect'];
  expect(log.filter((step, index) => recovery.includes(step) && log.indexOf(step) === index)).toEqual(recovery);
  expect(states).toContain('reconnecting');
  expect(realtime.isConnected()).toBe(true);
  await report(realtime, ({ metrics }) => (metrics.fps ?? 0) > 0);
});

test('a session whose source has stopped is not called frozen', async () => {
  const { realtime, local } = await stage.connect(stage.client(), { recoverStalledAfterMs: 2000 });
  await report(realtime, ({ metrics }) => (metrics.fps ?? 0) > 0);
  const log: string[] = [];
  realtime.diagnostics$.subscribe(({ name }) => log.push(name));
  await local.dispose();
  const samples = await new Promise<readonly number[]>((resolve, reject) => {
    realtime.stats$
      .pipe(
        map(({ video }) => video?.framesPerSecond ?? -1),
        take(5),
        toArray(),
      )
      .subscribe({ next: resolve, error: reject });
  });
  expect(samples.at(-1)).toBe(0);
  expect(log).not.toContain('videoStall');
  expect(realtime.isConnected()).toBe(true);
});

import { describe, expect, test } from '@jest/globals';
import { classifyDeepProbe } from '../../../core/connectivity/classify.js';
import { createStage, first, model } from './stage.js';

const stage = createStage();
const sessions = () => first(stage.simulator.sessions$, () => true);
const reasonOf = (code: string) => expect.objectContaining({ code });

describe('the network alone', () => {
  const check = (more: object = {}) =>
    stage.client().realtime.checkConnectivity({ stunUrls: [stage.simulator.stunUrl], ...more });

  test('is as good as the round trip that was measured, and says what Node cannot check', async () => {
    const { quality, metrics, reasons } = await check();
    expect(metrics).toMatchObject({ transport: 'udp', g2gMs: null });
    const { rttMs } = metrics;
    expect(quality).toBe(rttMs === null || rttMs > 300 ? 'poor' : rttMs > 150 ? 'fair' : 'good');
    expect(reasons.at(-1)).toContain('no peer connection');
    expect(await sessions()).toEqual([]);
  });

  test.each([
    [100, ['fair', 'poor']],
    [200, ['poor']],
  ])('%i ms each way is %s', async (delayMs, levels) => {
    stage.simulator.faults.delay(delayMs);
    const report = await check();
    expect(report.metrics.transport).toBe('udp');
    expect(levels).toContain(report.quality);
    // Timers of Node fire up to a millisecond early.
    expect(report.metrics.rttMs).toBeGreaterThanOrEqual(2 * (delayMs - 1));
    expect(report.reasons[0]).toContain('round trip');
  });

  test('where no answer comes there is no way out, or only one by way of a relay', async () => {
    stage.simulator.faults.udpBlackout(true);
    const { quality, metrics, reasons } = await check();
    expect(['critical', 'poor']).toContain(quality);
    expect(['failed', 'relay']).toContain(metrics.transport);
    expect(reasons).toHaveLength(2);
  });

  test('a server that cannot be found is not reached', async () => {
    const { metrics } = await check({ stunUrls: ['stun:nobody.invalid:3478'] });
    expect(['failed', 'relay']).toContain(metrics.transport);
  });

  test('is aborted', async () => {
    stage.simulator.faults.udpBlackout(true);
    const aborting = new AbortController();
    const checking = check({ signal: aborting.signal });
    aborting.abort();
    await expect(checking).rejects.toEqual(reasonOf('ABORTED'));
  });
});

describe('deep', () => {
  test('is judged by real frames, beside a running session that it does not disturb', async () => {
    const client = stage.client();
    const { realtime } = await stage.connect(client);
    const states: string[] = [];
    realtime.connectionState$.subscribe((state) => states.push(state));
    const { sessionId } = realtime;
    const report = await realtime.checkConnectivity({ deep: true, model });
    // How good it is depends on this machine.
    expect(report).toEqual(classifyDeepProbe(report.metrics));
    const { metrics } = report;
    expect(metrics).toMatchObject({ transport: 'udp' });
    expect(metrics.sampleCount).toBeGreaterThanOrEqual(5);
    expect(metrics.g2gMs).toBeGreaterThan(0);
    expect(metrics.ttffMs).toBeGreaterThan(0);
    expect(realtime.sessionId).toBe(sessionId);
    expect(states).not.toContain('reconnecting');
    expect(states).not.toContain('disconnected');
    expect(await first(stage.simulator.sessions$, (present) => present.length === 1)).toHaveLength(1);
  });

  test('is poor where the service takes a second for each frame', async () => {
    stage.simulator.faults.inferenceLag(1000);
    const report = await stage.client().realtime.checkConnectivity({ deep: true, model });
    expect(['poor', 'critical']).toContain(report.quality);
    expect(report.metrics.g2gMs).toBeGreaterThanOrEqual(1000);
    // On a slow machine the first frame may be late as well, which is named first.
    expect(report.reasons).toContainEqual(expect.stringContaining('camera to display'));
  });

  test('is critical where the service refuses', async () => {
    stage.simulator.faults.refuseJoins();
    const report = await stage.client().realtime.checkConnectivity({ deep: true, model });
    expect(report).toMatchObject({ quality: 'critical', metrics: { transport: 'failed' } });
    expect(report.reasons).toEqual([expect.stringContaining('No capacity')]);
  });

  test('is aborted in the middle of it, and leaves nothing behind', async () => {
    const client = stage.client();
    const aborting = new AbortController();
    const checking = client.realtime.checkConnectivity({ deep: true, model, signal: aborting.signal });
    await first(stage.simulator.sessions$, (present) => present.length === 1);
    aborting.abort();
    await expect(checking).rejects.toEqual(reasonOf('ABORTED'));
    await client.release();
    expect(await first(stage.simulator.sessions$, (present) => present.length === 0)).toEqual([]);
  });
});

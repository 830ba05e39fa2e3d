import { describe, expect, jest, test } from '@jest/globals';
import { createStage, first, model } from './stage.js';

jest.setTimeout(45_000);

const stage = createStage();
const sessions = () => first(stage.simulator.sessions$, () => true);
const reasonOf = (code: string) => expect.objectContaining({ code });

describe('the network alone', () => {
  const check = (more: object = {}) =>
    stage.client().realtime.checkConnectivity({ stunUrls: [stage.simulator.stunUrl], ...more });

  test('is good, and says what Node cannot check', async () => {
    const { quality, metrics, reasons } = await check();
    expect(quality).toBe('good');
    expect(metrics).toMatchObject({ transport: 'udp', g2gMs: null });
    expect(metrics.rttMs).toBeLessThan(150);
    expect(reasons).toEqual([expect.stringContaining('no peer connection')]);
    expect(await sessions()).toEqual([]);
  });

  test.each([
    [100, 'fair'],
    [200, 'poor'],
  ])('%i ms each way is %s', async (delayMs, quality) => {
    stage.simulator.faults.delay(delayMs);
    const report = await check();
    expect(report).toMatchObject({ quality, metrics: { transport: 'udp' } });
    expect(report.metrics.rttMs).toBeGreaterThanOrEqual(2 * delayMs);
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
  test('is good over a clean network, judged by real frames, beside a running session that it does not disturb', async () => {
    const client = stage.client();
    const { realtime } = await stage.connect(client);
    const states: string[] = [];
    realtime.connectionState$.subscribe((state) => states.push(state));
    const { sessionId } = realtime;
    const { quality, metrics, reasons } = await realtime.checkConnectivity({ deep: true, model });
    expect({ quality, reasons }).toEqual({ quality: 'good', reasons: [] });
    expect(metrics).toMatchObject({ transport: 'udp' });
    expect(metrics.sampleCount).toBeGreaterThanOrEqual(5);
    expect(metrics.g2gMs).toBeLessThan(500);
    expect(metrics.ttffMs).toBeLessThan(4000);
    expect(realtime.sessionId).toBe(sessionId);
    expect(states).not.toContain('reconnecting');
    expect(states).not.toContain('disconnected');
    expect(await first(stage.simulator.sessions$, (present) => present.length === 1)).toHaveLength(1);
  });

  test('is poor where the service takes a second for each frame', async () => {
    stage.simulator.faults.inferenceLag(1000);
    const report = await stage.client().realtime.checkConnectivity({ deep: true, model });
    expect(report.quality).toBe('poor');
    expect(report.metrics.g2gMs).toBeGreaterThanOrEqual(1000);
    expect(report.reasons[0]).toContain('camera to display');
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

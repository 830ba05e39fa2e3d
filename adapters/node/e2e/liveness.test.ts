// A signaling socket that stays open and carries nothing, while media go on.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { EMPTY, filter, map, merge, share, switchMap } from 'rxjs';
import { openSilentProxy, type SilentProxy } from '../../../testkit/simulator/conformance/silent-proxy.js';
import { createDecartClient } from '../index.js';
import { createStage, first, model } from './stage.js';

const stage = createStage();
let proxy: SilentProxy;
beforeEach(async () => {
  proxy = await openSilentProxy(stage.simulator.baseUrl);
});
afterEach(() => proxy.close());

test('a prompt that times out is a reason to ping; the session reconnects, and the picture stays until it does', async () => {
  const { apiKey } = stage.simulator;
  const client = createDecartClient({ apiKey, baseUrl: proxy.url });
  const { realtime } = await stage.connect(client, { debugQuality: false, model });
  const frames$ = realtime.remoteStream$.pipe(
    switchMap((remote) => remote?.frames$ ?? EMPTY),
    map(() => 'frame'),
    share(),
  );
  const log: string[] = [];
  const states$ = realtime.connectionState$.pipe(filter((state) => state === 'reconnecting' || state === 'connected'));
  await first(realtime.connectionState$, (state) => state === 'generating');
  await first(frames$, () => true);
  proxy.silence();
  merge(states$, realtime.errors$.pipe(map(({ code }) => code)), frames$)
    // Of frames in a row, the first one.
    .pipe(filter((entry) => entry !== log.at(-1)))
    .subscribe((entry) => log.push(entry));
  await first(frames$, () => true);
  await expect(realtime.setPrompt('rain', { timeoutMs: 12_000 })).rejects.toMatchObject({
    code: 'WEBRTC_TIMEOUT_ERROR',
  });
  expect(realtime.isConnected()).toBe(true);
  log.push('timed out');
  await first(frames$, () => true);
  await first(realtime.connectionState$, (state) => state === 'reconnecting');
  await first(realtime.connectionState$, (state) => state === 'connected');
  await first(frames$, () => true);

  expect(log).toEqual(['frame', 'timed out', 'frame', 'reconnecting', 'connected', 'frame']);
  await expect(realtime.setPrompt('rain')).resolves.toBeUndefined();
  await client.release();
});

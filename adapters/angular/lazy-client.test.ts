import { describe, expect, jest, test } from '@jest/globals';
import { VirtualTimeScheduler } from 'rxjs';
import { createDecartClient, DecartError } from '../../core/index.js';
import { createMemoryPlatform } from '../../testkit/memory-platform.js';
import { scenario, scenarioNetwork } from '../../testkit/scenario.js';
import type { DecartClient } from '../browser/index.js';
import { lazyClient } from './lazy-client.js';

/** A client of memory, which is made when it is asked for. */
function memory() {
  // For a second: a live session is measured for as long as it lives.
  const scheduler = new VirtualTimeScheduler(undefined, 1_000);
  const service = scenarioNetwork(scenario().serve(), { scheduler });
  const make = (): DecartClient => {
    const platform = createMemoryPlatform({ network: service.network, hasCamera: true });
    return createDecartClient({ apiKey: 'key', scheduler }, platform) as unknown as DecartClient;
  };
  return { scheduler, service, make };
}

const codeOf = (call: Promise<unknown>): Promise<unknown> => call.catch((error: DecartError) => error.code);

describe('a client that comes later', () => {
  test('shows what a client begins with, and is loaded by the first call alone', async () => {
    const { make, scheduler } = memory();
    const create = jest.fn(async () => make());
    const { realtime } = lazyClient(create);
    const states: string[] = [];
    const streams: unknown[] = [];
    realtime.connectionState$.subscribe((state) => states.push(state));
    realtime.remoteStream$.subscribe((stream) => streams.push(stream));
    realtime.errors$.subscribe();
    expect([states, streams, realtime.isConnected(), realtime.sessionId]).toEqual([
      ['disconnected'],
      [null],
      false,
      null,
    ]);
    expect(create).not.toHaveBeenCalled();

    const connecting = realtime.connect({ model: 'lucy-2.1' });
    await Promise.resolve();
    await Promise.resolve();
    scheduler.flush();
    await connecting;
    expect(create).toHaveBeenCalledTimes(1);
    expect(states).toEqual(['disconnected', 'connecting', 'connected', 'generating']);
    expect([realtime.isConnected(), realtime.sessionId]).toEqual([true, 'session-1']);
  });

  test('carries out what waited in its order', async () => {
    const { make } = memory();
    const client = make();
    const order: string[] = [];
    const noted = <T>(name: string, value: T) => {
      order.push(name);
      return Promise.resolve(value);
    };
    Object.assign(client.realtime, {
      connect: () => noted('connect', null),
      setPrompt: () => noted('setPrompt', undefined),
      disconnect: () => noted('disconnect', undefined),
    });
    const { realtime } = lazyClient(async () => client);
    await Promise.all([realtime.connect({ model: 'lucy-2.1' }), realtime.setPrompt('rain'), realtime.disconnect()]);
    expect(order).toEqual(['connect', 'setPrompt', 'disconnect']);
  });

  test('is asked for again after it could not be loaded', async () => {
    const { make } = memory();
    const failure = new DecartError({ code: 'LOAD_ERROR', message: 'no file' });
    const create = jest.fn(async () => make()).mockRejectedValueOnce(failure);
    const { realtime } = lazyClient(create);
    expect(await codeOf(realtime.setPrompt('rain'))).toBe('LOAD_ERROR');
    expect(await codeOf(realtime.setPrompt('rain'))).toBe('WEBRTC_SIGNALING_ERROR');
    expect(create).toHaveBeenCalledTimes(2);
  });

  test('a session that is not wanted any more when it comes is not connected', async () => {
    const { make, service } = memory();
    const loading = Promise.resolve(make());
    const { realtime } = lazyClient(() => loading);
    realtime.session$({ model: 'lucy-2.1' }).subscribe().unsubscribe();
    await loading;
    await Promise.resolve();
    expect(service.network.sockets).toHaveLength(0);
  });

  test('released before it was needed, it is never made, and its streams complete', async () => {
    const create = jest.fn(async () => memory().make());
    const client = lazyClient(create);
    const completed = jest.fn();
    client.realtime.connectionState$.subscribe({ complete: completed });
    await client.release();
    expect(completed).toHaveBeenCalled();
    expect(await codeOf(client.realtime.connect({ model: 'lucy-2.1' }))).toBe('ABORTED');
    expect(create).not.toHaveBeenCalled();
  });

  test('on a server calls stay pending, and releasing does not wait for them', async () => {
    const client = lazyClient(null);
    const settled = jest.fn();
    client.realtime.connect({ model: 'lucy-2.1' }).finally(settled);
    client.realtime.session$({ model: 'lucy-2.1' }).subscribe({ next: settled, error: settled, complete: settled });
    client.tokens.create().finally(settled);
    await client.realtime.disconnect();
    await client.release();
    expect(settled).not.toHaveBeenCalled();
  });
});

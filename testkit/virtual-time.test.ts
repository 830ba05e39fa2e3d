import { timer, VirtualTimeScheduler } from 'rxjs';
import { createDecartClient } from '../core/client.js';
import { createMemoryPlatform } from './memory-platform.js';
import { type Scenario, scenario, scenarioNetwork } from './scenario.js';
import { advance } from './virtual-time.js';

const clientOf = (script: Scenario) => {
  const scheduler = new VirtualTimeScheduler();
  const service = scenarioNetwork(script, { scheduler });
  const client = createDecartClient({ apiKey: 'test', scheduler }, createMemoryPlatform(service));
  return { scheduler, service, client };
};

test('a lost ack fails a prompt after its time, which is up to the millisecond', async () => {
  const { scheduler, service, client } = clientOf(scenario().expectJoin().roomInfo().expectPrompt('rain'));
  const outcomes: string[] = [];
  const connected = client.realtime.connect({ model: 'lucy-2.1' });
  await advance(scheduler);
  await connected;
  client.realtime.setPrompt('rain', { timeoutMs: 2_000 }).catch((error) => outcomes.push(error.code));
  await advance(scheduler, 1_999);
  expect(outcomes).toEqual([]);
  await advance(scheduler, 1);
  expect(outcomes).toEqual(['WEBRTC_TIMEOUT_ERROR']);
  service.assertComplete();
  const released = client.release();
  await advance(scheduler);
  await released;
  expect(service.network.open).toEqual({ sockets: 0, rooms: 0, streams: 0 });
});

test('a reconnect waits for its delay, and what an app awaits goes on at its own time', async () => {
  const { scheduler, service, client } = clientOf(
    scenario().expectJoin().roomInfo().after(500).dropSocket(1011).refuseConnects(1).expectJoin().roomInfo().serve(),
  );
  const states: string[] = [];
  client.realtime.connectionState$.subscribe((state) => states.push(`${scheduler.frame} ${state}`));
  const app = async () => {
    await client.realtime.connect({ model: 'lucy-2.1' });
    await new Promise((resolve) => timer(100, scheduler).subscribe(resolve));
    states.push(`${scheduler.frame} went on`);
  };
  const done = app();
  await advance(scheduler, 10_000);
  await done;
  expect(states).toEqual([
    '0 disconnected',
    '0 connecting',
    '0 connected',
    '100 went on',
    '500 reconnecting',
    '1500 connected',
  ]);
  service.assertComplete();
  const released = client.release();
  await advance(scheduler);
  await released;
});

test.each([-5, Number.NaN, Number.POSITIVE_INFINITY])('a time of %p is refused, and the clock stays', async (ms) => {
  const scheduler = new VirtualTimeScheduler();
  await advance(scheduler, 250);
  await expect(advance(scheduler, ms)).rejects.toMatchObject({ code: 'INVALID_INPUT', data: { field: 'ms' } });
  expect(scheduler.now()).toBe(250);
  await advance(scheduler, 250);
  expect(scheduler.now()).toBe(500);
});

test('time that nobody waits for passes, too', async () => {
  const scheduler = new VirtualTimeScheduler();
  await advance(scheduler, 250);
  await advance(scheduler, 250);
  expect(scheduler.now()).toBe(500);
});

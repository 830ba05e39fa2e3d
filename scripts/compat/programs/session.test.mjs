// An app's tests, with the globals that jest and vitest share.
import { createDecartClient } from 'decart-rx';
import { createDecartClient as createPlatformClient } from 'decart-rx/PLATFORM';
import { createMemoryPlatform, scenario, scenarioNetwork } from 'decart-rx/testkit';
import { filter, firstValueFrom, VirtualTimeScheduler } from 'rxjs';

const { DECART_BASE_URL: baseUrl, DECART_HTTP_BASE_URL: httpBaseUrl, DECART_API_KEY: apiKey } = process.env;

test('a session in virtual time', () => {
  const scheduler = new VirtualTimeScheduler(undefined, 60_000);
  const service = scenarioNetwork(
    scenario()
      .expectJoin()
      .roomInfo()
      .expectPrompt('a')
      .ack()
      .after(1_000)
      .dropSocket(1011)
      .expectJoin()
      .roomInfo()
      .expectPrompt('a')
      .ack(),
    { scheduler },
  );
  const client = createDecartClient({ apiKey: 'any', scheduler }, createMemoryPlatform(service));
  const states = [];
  client.realtime.connectionState$.subscribe((state) => states.push(state));
  client.realtime.session$({ model: 'lucy-2.1', initialPrompt: { text: 'a' } }).subscribe();
  scheduler.flush();
  expect(states).toEqual(['disconnected', 'connecting', 'connected', 'reconnecting', 'connected']);
  service.assertComplete();
});

test('a place in the queue comes over a real socket', async () => {
  const client = createPlatformClient({ apiKey, baseUrl, httpBaseUrl });
  const isQueued = firstValueFrom(client.realtime.queuePosition$.pipe(filter((place) => place !== null)));
  const connecting = client.realtime.connect({ model: 'lucy-2.1', publishCamera: false });
  const ended = expect(connecting).rejects.toMatchObject({ code: 'ABORTED' });
  expect((await isQueued).queueSize).toBeGreaterThan(0);
  await client.realtime.disconnect();
  await ended;
  await client.release();
});

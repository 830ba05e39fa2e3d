// The service of the site's live page: its signaling, in virtual time. Its pictures need a browser.
import { VirtualTimeScheduler } from 'rxjs';
import { createDecartClient } from '../../../core/client.js';
import { createMemoryNetwork } from '../../../transports/memory/index.js';
import { createMemoryPlatform } from '../../memory-platform.js';
import { createFaultDeck } from '../../simulator/signaling/fault-deck.js';
import { createPageService } from './page-service.js';
import { hostInPage, type PageSession } from './signaling.js';

function setUp() {
  const scheduler = new VirtualTimeScheduler(undefined, 20_000);
  const deck = createFaultDeck();
  const sessions: PageSession[] = [];
  const changes: unknown[] = [];
  let ended = 0;
  const network = createMemoryNetwork({
    scheduler,
    onSocket: (socket) => {
      const media = { changeStyle: (roomName: string, change: object) => changes.push([roomName, change]) };
      sessions.push(hostInPage(socket, sessions.length + 1, deck, media, () => ended++, scheduler));
    },
    onRoom: (room) => {
      room.accept();
      room.publishRemote();
      sessions.find(({ roomName }) => roomName === room.request.token)?.dispatch({ type: 'media.started' });
    },
  });
  const client = createDecartClient({ apiKey: 'in-this-page', scheduler }, createMemoryPlatform({ network }));
  const states: string[] = [];
  client.realtime.connectionState$.subscribe((state) => states.push(state));
  return { scheduler, deck, sessions, changes, network, client, states, ended: () => ended };
}

const options = { model: 'lucy-2.1', initialPrompt: { text: 'a forest' }, recoverStalledAfterMs: false } as const;

it('serves a session: the prompt, a refusal, a dropped socket, an end', () => {
  const { scheduler, deck, sessions, changes, network, client, states, ended } = setUp();
  const { realtime } = client;
  const refused: string[] = [];
  const later = (atMs: number, act: () => void) => scheduler.schedule(act, atMs);
  realtime.session$(options).subscribe({ error: () => undefined });
  later(3_000, () => deck.plan({ on: 'ack', value: { kind: 'failed', error: 'not this one' }, times: 1 }));
  later(3_001, () => realtime.setPrompt$('a desert').subscribe({ error: ({ message }) => refused.push(message) }));
  later(6_000, () => sessions[0]?.drop(1011, ''));
  later(9_000, () => void realtime.disconnect());
  scheduler.flush();

  expect(states).toEqual([
    'disconnected',
    'connecting',
    'connected',
    'generating',
    'reconnecting',
    'connected',
    'generating',
    'disconnected',
  ]);
  expect(refused).toEqual(['not this one']);
  // The refused prompt has no effect; the first one is applied again in the second room.
  expect(changes).toEqual([
    ['room-1', { prompt: 'a forest' }],
    ['room-2', { prompt: 'a forest' }],
  ]);
  expect(ended()).toBe(2);
  expect(network.open).toEqual({ sockets: 0, rooms: 0, streams: 0 });
});

it('refuses the next join where that is planned, and serves the one after', () => {
  const { scheduler, deck, client, states, ended } = setUp();
  deck.plan({ on: 'join', value: { kind: 'refused', error: 'No capacity', closeCode: 1008 }, times: 1 });
  client.realtime.session$(options).subscribe();
  scheduler.schedule(() => void client.realtime.disconnect(), 8_000);
  scheduler.flush();
  expect(states).toEqual(['disconnected', 'connecting', 'connected', 'generating', 'disconnected']);
  expect(ended()).toBe(2);
});

it('drops the sockets of the moment: the session that comes back at once stays', () => {
  const scheduler = new VirtualTimeScheduler(undefined, 20_000);
  const { network, order } = createPageService(scheduler);
  const client = createDecartClient({ apiKey: 'in-this-page', scheduler }, createMemoryPlatform({ network }));
  const states: string[] = [];
  client.realtime.connectionState$.subscribe((state) => states.push(state));
  client.realtime.session$(options).subscribe();
  scheduler.schedule(() => order({ kind: 'drop-socket', code: 1011, reason: '' } as { kind: string }), 4_000);
  scheduler.schedule(() => order({ kind: 'kick-from-room' }), 6_000);
  scheduler.schedule(() => void client.realtime.disconnect(), 9_000);
  scheduler.flush();
  expect(states.filter((state) => state === 'reconnecting')).toHaveLength(2);
  expect(network.sockets).toHaveLength(3);
  expect(network.open).toEqual({ sockets: 0, rooms: 0, streams: 0 });
});

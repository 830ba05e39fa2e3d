import { EventEmitter } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import type { Room } from './load.js';
import { followEngines } from './room-engines.js';

function setup() {
  const closed: string[] = [];
  const engineOf = (name: string) => ({
    cleanupPeerConnections: async () => {
      closed.push(name);
    },
  });
  const room = { engine: engineOf('first') } as unknown as Room;
  const take = (engine: unknown): void => {
    room.engine = engine as Room['engine'];
  };
  return { room, closed, engineOf, take, close: followEngines(room) };
}

test('every engine that the room has had is closed, not only the present one', async () => {
  const { room, closed, engineOf, take, close } = setup();
  const last = engineOf('third');
  take(undefined);
  take(engineOf('second'));
  take(last);
  expect(room.engine).toBe(last);
  await close();
  expect(closed).toEqual(['first', 'second', 'third']);
});

test('the next connection closes the engine that it found, and those that it made', async () => {
  const { closed, engineOf, take, close } = setup();
  take(engineOf('second'));
  await close();
  closed.length = 0;
  take(engineOf('third'));
  await close();
  expect(closed).toEqual(['second', 'third']);
});

describe('the wait for the peer connection', () => {
  function waiting(poll: Promise<void>) {
    const limits: number[] = [];
    const looking: AbortController[] = [];
    const engine = Object.assign(new EventEmitter(), {
      waitForPCInitialConnection: (timeoutMs: number, abort: AbortController) => {
        limits.push(timeoutMs);
        looking.push(abort);
        return poll;
      },
    });
    followEngines({ engine } as unknown as Room);
    return { engine, limits, isAborted: () => looking.map(({ signal }) => signal.aborted) };
  }

  test('is over with the event that it stands, although the engine has not looked again', async () => {
    const { engine, limits, isAborted } = waiting(new Promise(() => undefined));
    const wait = engine.waitForPCInitialConnection(1000, new AbortController());
    engine.emit('connected');
    await expect(wait).resolves.toBeUndefined();
    expect(limits).toEqual([1000]);
    expect(isAborted()).toEqual([false]);
  });

  test('is aborted when the engine is closed before it has looked again', async () => {
    const { engine, isAborted } = waiting(new Promise(() => undefined));
    const wait = engine.waitForPCInitialConnection(1000, new AbortController());
    engine.emit('connected');
    await wait;
    engine.emit('closing');
    expect(isAborted()).toEqual([true]);
  });

  test('is aborted with the connect, before it and while it runs', () => {
    const { engine, isAborted } = waiting(new Promise(() => undefined));
    const [before, meanwhile] = [new AbortController(), new AbortController()];
    before.abort();
    void engine.waitForPCInitialConnection(1000, before);
    void engine.waitForPCInitialConnection(1000, meanwhile);
    expect(isAborted()).toEqual([true, false]);
    meanwhile.abort();
    expect(isAborted()).toEqual([true, true]);
  });

  test('is over without an event when it stands already, or cannot', async () => {
    const look = (poll: Promise<void>) => waiting(poll).engine.waitForPCInitialConnection(1000, new AbortController());
    await expect(look(Promise.resolve())).resolves.toBeUndefined();
    const refused = new Error('could not establish pc connection');
    await expect(look(Promise.reject(refused))).rejects.toBe(refused);
  });

  test('is shortened in an engine that the room takes later', async () => {
    const { engine } = waiting(new Promise(() => undefined));
    const { room, take } = setup();
    const later = Object.assign(new EventEmitter(), { waitForPCInitialConnection: () => new Promise(() => undefined) });
    take(later);
    const wait = room.engine.waitForPCInitialConnection();
    later.emit('connected');
    await expect(wait).resolves.toBeUndefined();
    expect(engine.listenerCount('connected')).toBe(0);
  });
});

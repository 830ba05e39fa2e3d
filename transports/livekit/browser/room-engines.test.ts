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
    const asked: unknown[][] = [];
    const engine = Object.assign(new EventEmitter(), {
      waitForPCInitialConnection: (...limits: unknown[]) => {
        asked.push(limits);
        return poll;
      },
    });
    followEngines({ engine } as unknown as Room);
    return { engine, asked };
  }

  test('is over with the event that it stands, although the engine has not looked again', async () => {
    const { engine, asked } = waiting(new Promise(() => undefined));
    const abort = new AbortController();
    const wait = engine.waitForPCInitialConnection(1000, abort);
    engine.emit('connected');
    await expect(wait).resolves.toBeUndefined();
    expect(asked).toEqual([[1000, abort]]);
  });

  test('is over without an event when it stands already, or cannot', async () => {
    await expect(waiting(Promise.resolve()).engine.waitForPCInitialConnection()).resolves.toBeUndefined();
    const refused = new Error('could not establish pc connection');
    await expect(waiting(Promise.reject(refused)).engine.waitForPCInitialConnection()).rejects.toBe(refused);
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

import { expect, test } from '@jest/globals';
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

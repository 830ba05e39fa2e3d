import type { Room } from './load.js';

type On = Room['on'];

/** Listens to a room, and takes off its own listeners only: the room has some itself, and is joined again later. */
export function listenTo(room: Room): { on: On; removeAll(): void } {
  const removes: (() => void)[] = [];
  const on: On = (event, listener) => {
    removes.push(() => room.off(event, listener));
    return room.on(event, listener);
  };
  return {
    on,
    removeAll() {
      for (const remove of removes.splice(0)) remove();
    },
  };
}

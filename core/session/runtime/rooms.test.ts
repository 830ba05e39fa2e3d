import { NEVER, Subject } from 'rxjs';
import type { MediaRoom, RoomEvent } from '../../ports/media.js';
import type { RemoteStream } from '../../ports/streams.js';
import type { UntimedEvent } from '../machine/events.js';
import { createRooms } from './rooms.js';

const streamOf = (id: string) => ({ id }) as unknown as RemoteStream;

/** Rooms over a transport that says what the test says, with ids from 1. */
function setup() {
  const spoken: Subject<RoomEvent<RemoteStream>>[] = [];
  const events: UntimedEvent[] = [];
  let nextId = 1;
  const rooms = createRooms({
    media: {
      join: () => {
        const events$ = new Subject<RoomEvent<RemoteStream>>();
        spoken.push(events$);
        return { events$, close: () => undefined, readStats: () => NEVER } as unknown as MediaRoom<RemoteStream>;
      },
    },
    dispatch: (event) => events.push(event),
    enqueue: (make) => events.push(make(nextId++)),
  });
  const join = (attempt: number) => {
    rooms.prepare(attempt, 'ws://media', 'token');
    rooms.join(attempt, {} as Parameters<typeof rooms.join>[1]);
  };
  return { rooms, spoken, events, join };
}

test('a stream is kept until its room closes, or another takes its place', () => {
  const { rooms, spoken, events, join } = setup();
  join(7);
  join(8);
  const [first, second] = [streamOf('first'), streamOf('second')];
  spoken[0]?.next({ type: 'streamChanged', stream: first });
  spoken[1]?.next({ type: 'streamChanged', stream: second });
  expect([rooms.stream(1), rooms.stream(2)]).toEqual([first, second]);
  spoken[1]?.next({ type: 'streamChanged', stream: null });
  expect([rooms.stream(1), rooms.stream(2)]).toEqual([first, null]);
  spoken[0]?.next({ type: 'closed' });
  expect([rooms.stream(1), rooms.room(7)]).toEqual([null, null]);
  expect(events.map((event) => ('streamId' in event ? event.streamId : event.type))).toEqual([
    1,
    2,
    null,
    'room.closed',
  ]);
});

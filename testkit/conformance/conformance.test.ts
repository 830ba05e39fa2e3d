import { expect, test } from '@jest/globals';
import { concatMap, delay, filter, map, Observable, of, tap } from 'rxjs';
import type { MediaRoom } from '../../core/ports/media.js';
import type { SignalingSocket, SocketEvent } from '../../core/ports/signaling.js';
import type { MemoryNetwork, MemoryRemoteStream } from '../../transports/memory/index.js';
import type { ConformanceCase } from './case.js';
import { mediaConformance } from './media.js';
import { memoryMediaHarness, memorySignalingHarness } from './memory-harness.js';
import { signalingConformance } from './signaling.js';

type Signaling = MemoryNetwork['signaling'];
type Media = MemoryNetwork['media'];
type Room = MediaRoom<MemoryRemoteStream>;

const socketsWith =
  (change: (socket: SignalingSocket) => SignalingSocket) =>
  (transport: Signaling): Signaling => ({ open: (request) => change(transport.open(request)) });

const roomsWith =
  (change: (room: Room) => Room) =>
  (transport: Media): Media => ({ join: (request) => change(transport.join(request)) });

const eventsOfSocket = (change: (events$: Observable<SocketEvent>) => Observable<SocketEvent>) =>
  socketsWith((socket) => ({ ...socket, events$: change(socket.events$) }));

const eventsOfRoom = (change: (events$: Room['events$']) => Room['events$']) =>
  roomsWith((room) => ({ ...room, events$: change(room.events$) }));

async function failuresOf(cases: readonly ConformanceCase[]): Promise<string[]> {
  const failures: string[] = [];
  for (const { name, run } of cases) {
    await run().catch((error: unknown) => failures.push(`${name}: ${String(error)}`));
  }
  return failures;
}

/** Each defect, and a case that finds it. */
const BROKEN_SIGNALING: [defect: string, found: RegExp, wrap: (transport: Signaling) => Signaling][] = [
  [
    'opens before it is subscribed to',
    /^open opens nothing/,
    (transport) => ({
      open: (request) => {
        transport.open(request).events$.subscribe();
        return transport.open(request);
      },
    }),
  ],
  [
    'mangles the address',
    /^the address reaches/,
    (transport) => ({ open: ({ url }) => transport.open({ url: `${url}#` }) }),
  ],
  [
    'throws when it is not open',
    /^frames sent before/,
    socketsWith((socket) => {
      let open = false;
      return {
        ...socket,
        events$: socket.events$.pipe(tap(({ type }) => (open = type === 'opened' || type === 'message'))),
        send: (frame) => {
          if (!open) throw new Error('not open');
          socket.send(frame);
        },
      };
    }),
  ],
  [
    'emits closed from inside close()',
    /^close is idempotent/,
    socketsWith((socket) => ({
      ...socket,
      events$: new Observable((subscriber) => {
        socket.close = () => {
          subscriber.next({ type: 'closed', code: 1000, reason: '' });
          subscriber.complete();
        };
        return socket.events$.subscribe(subscriber);
      }),
      close: () => socket.close(),
    })),
  ],
  [
    'swallows the code',
    /1011 has its code/,
    eventsOfSocket(map((event) => (event.type === 'closed' ? { ...event, code: 1000 } : event))),
  ],
  [
    'swallows the status',
    /^an upgrade refused with 401/,
    eventsOfSocket(
      map((event) => (event.type === 'closed' ? { type: 'closed', code: event.code, reason: event.reason } : event)),
    ),
  ],
  ['completes without closed', /^opened, messages in order/, eventsOfSocket(filter(({ type }) => type !== 'closed'))],
  [
    'is closed twice',
    /^opened, messages in order/,
    eventsOfSocket(concatMap((event) => (event.type === 'closed' ? of(event, event) : of(event)))),
  ],
  [
    'hands binary frames over as text',
    /^binary frames/,
    eventsOfSocket(map((event) => (event.type === 'message' ? { type: 'message', data: String(event.data) } : event))),
  ],
  ['lags behind a close', /^close from inside an event/, eventsOfSocket(delay(0))],
  [
    'shows the key',
    /^the key in the address/,
    (transport) => ({
      open: (request) => {
        const socket = transport.open(request);
        return {
          ...socket,
          events$: socket.events$.pipe(
            map((event) => (event.type === 'closed' ? { ...event, reason: `cannot open ${request.url}` } : event)),
          ),
        };
      },
    }),
  ],
  [
    'stays open when it is left',
    /^unsubscribing closes silently/,
    eventsOfSocket(
      (events$) =>
        new Observable((subscriber) => {
          events$.subscribe({ next: (event) => subscriber.next(event), complete: () => subscriber.complete() });
        }),
    ),
  ],
];

test.each(BROKEN_SIGNALING)('finds a signaling transport that %s', async (_defect, found, wrap) => {
  const failures = await failuresOf(
    signalingConformance(memorySignalingHarness(wrap, 300)).filter(({ name }) => found.test(name)),
  );
  expect(failures).toHaveLength(1);
});

const BROKEN_MEDIA: [defect: string, found: RegExp, wrap: (transport: Media) => Media][] = [
  [
    'joins before it is subscribed to',
    /^join opens nothing/,
    (transport) => ({
      join: (request) => {
        transport.join(request).events$.subscribe();
        return transport.join(request);
      },
    }),
  ],
  [
    'never emits published when there was nothing to publish',
    /with nothing to publish$/,
    eventsOfRoom(filter(({ type }) => type !== 'published')),
  ],
  [
    'gives the old stream again',
    /^null when the tracks are gone/,
    (transport) => ({
      join: (request) => {
        const room = transport.join(request);
        let first: MemoryRemoteStream | null = null;
        return {
          ...room,
          events$: room.events$.pipe(
            map((event) => {
              if (event.type !== 'streamChanged' || !event.stream) return event;
              first ??= event.stream;
              return { ...event, stream: first };
            }),
          ),
        };
      },
    }),
  ],
  [
    'disposes of a stream that gains a track',
    /^a stream whose tracks are all in the next one/,
    eventsOfRoom((events$) => {
      let present: MemoryRemoteStream | null = null;
      return events$.pipe(
        tap((event) => {
          if (event.type !== 'streamChanged') return;
          void present?.dispose();
          present = event.stream;
        }),
      );
    }),
  ],
  ['is lost without a word', /^a stay that the server ends/, eventsOfRoom(filter(({ type }) => type !== 'lost'))],
  ['goes on after close', /^close from inside `joined`/, eventsOfRoom(delay(0))],
  [
    "disposes of the caller's stream",
    /^close while joining/,
    (transport) => ({
      join: (request) => {
        const room = transport.join(request);
        return {
          ...room,
          close: () => {
            void request.localStream?.dispose();
            room.close();
          },
        };
      },
    }),
  ],
  [
    'reads stats outside a stay',
    /^readStats emits/,
    roomsWith((room) => ({ ...room, readStats: () => of({ publisher: [], subscriber: [] }) })),
  ],
  [
    'never leaves',
    /^one local stream/,
    roomsWith((room) => ({
      ...room,
      events$: new Observable((subscriber) => {
        room.close = () =>
          queueMicrotask(() => {
            subscriber.next({ type: 'closed' });
            subscriber.complete();
          });
        room.events$.subscribe((event) => subscriber.next(event));
      }),
      close: () => room.close(),
    })),
  ],
];

test.each(BROKEN_MEDIA)('finds a media transport that %s', async (_defect, found, wrap) => {
  const harness = memoryMediaHarness(wrap, 300);
  const failures = await failuresOf(mediaConformance(harness).filter(({ name }) => found.test(name)));
  expect(failures).toHaveLength(1);
});

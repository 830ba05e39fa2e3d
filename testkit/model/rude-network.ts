import { Observable, type Subscriber } from 'rxjs';
import type { DirectRequest, MediaRoom, MediaTransport, RoomEvent } from '../../core/ports/media.js';
import type { SignalingTransport, SocketEvent } from '../../core/ports/signaling.js';
import type { LocalStream } from '../../core/ports/streams.js';
import type { MemoryRemoteStream } from '../../transports/memory/index.js';
import type { echoes } from './schedule.js';
import { modelRoomInfo } from './service.js';

/** Lets connections speak on after they were closed, which no transport may do and the client has to survive. */
export interface RudeNetwork {
  readonly signaling: SignalingTransport;
  readonly media: MediaTransport<LocalStream, MemoryRemoteStream>;
  readonly directMedia: MediaTransport<LocalStream, MemoryRemoteStream, DirectRequest>;
  /** Each connection that was closed says this. */
  echo(what: (typeof echoes)[number]): void;
}

export function createRudeNetwork({ signaling, media, directMedia }: Omit<RudeNetwork, 'echo'>): RudeNetwork {
  const sockets = new Set<Subscriber<SocketEvent>>();
  const rooms = new Set<Subscriber<RoomEvent<MemoryRemoteStream>>>();

  /** Passes events on; once the client has closed, the subscriber is there for echoes. */
  function eavesdrop<E>(events$: Observable<E>, closed: Set<Subscriber<E>>): [Observable<E>, () => void] {
    let own: Subscriber<E> | null = null;
    const tapped$ = new Observable<E>((subscriber) => {
      own = subscriber;
      subscriber.add(() => closed.delete(subscriber));
      return events$.subscribe(subscriber);
    });
    return [tapped$, () => own && !own.closed && closed.add(own)];
  }

  function joinRudely(room: MediaRoom<MemoryRemoteStream>): MediaRoom<MemoryRemoteStream> {
    const [events$, closing] = eavesdrop(room.events$, rooms);
    return {
      ...room,
      events$,
      close() {
        closing();
        room.close();
      },
    };
  }

  return {
    signaling: {
      open(request) {
        const socket = signaling.open(request);
        const [events$, closing] = eavesdrop(socket.events$, sockets);
        return {
          events$,
          send: (frame) => socket.send(frame),
          close(code, reason) {
            closing();
            socket.close(code, reason);
          },
        };
      },
    },
    media: { join: (request) => joinRudely(media.join(request)) },
    directMedia: { join: (request) => joinRudely(directMedia.join(request)) },
    echo(what) {
      const frame = (message: object) => ({ type: 'message', data: JSON.stringify(message) }) as const;
      for (const socket of [...sockets]) {
        if (what === 'roomInfo') socket.next(frame(modelRoomInfo(-1)));
        if (what === 'answer') {
          socket.next(frame({ type: 'answer', sdp: 'from the past' }));
          socket.next(frame({ type: 'ice-candidate', candidate: { candidate: 'from the past' } }));
        }
        if (what === 'promptAck') socket.next(frame({ type: 'prompt_ack', prompt: 'a', success: true, error: null }));
        if (what === 'imageAck') socket.next(frame({ type: 'set_image_ack', success: true, error: null }));
        if (what === 'error') socket.next(frame({ type: 'error', error: 'from the past' }));
      }
      for (const room of [...rooms]) {
        if (what === 'roomSignal') room.next({ type: 'signal', signal: { type: 'offer', sdp: 'from the past' } });
        if (what === 'roomPublished') for (const type of ['joined', 'published'] as const) room.next({ type });
        if (what === 'roomLost')
          room.next({ type: 'lost', failure: { code: 'WEBRTC_ICE_ERROR', message: 'From the past.' } });
        if (what === 'roomClosed') room.next({ type: 'closed' });
      }
    },
  };
}

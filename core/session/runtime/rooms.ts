import { failureOf } from '../../errors.js';
import type { DirectRequest, MediaRoom, MediaTransport, RoomEvent, RoomRequest } from '../../ports/media.js';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import type { UntimedEvent } from '../machine/events.js';

export interface RoomDeps<L extends LocalStream, R extends RemoteStream> {
  readonly media: MediaTransport<L, R>;
  readonly directMedia?: MediaTransport<L, R, DirectRequest<L>> | undefined;
  dispatch(event: UntimedEvent): void;
  /** As `dispatch`, with a fresh id. */
  enqueue(make: (id: number) => UntimedEvent): void;
}

/** The media rooms that are open, by attempt, and the remote streams in them, by number. */
export interface Rooms<L extends LocalStream, R extends RemoteStream> {
  prepare(attempt: number, url: string, token: string): void;
  join(attempt: number, request: Omit<RoomRequest<L>, 'url' | 'token'>): void;
  joinDirect(attempt: number, request: DirectRequest<L>): void;
  close(attempt: number): void;
  room(attempt: number): MediaRoom<R> | null;
  stream(streamId: number): R | null;
}

interface OpenRoom<R extends RemoteStream> {
  /** `null`: a peer connection, which has none. */
  readonly address: { readonly url: string; readonly token: string } | null;
  /** `null` until it is joined. */
  room: MediaRoom<R> | null;
}

export function createRooms<L extends LocalStream, R extends RemoteStream>({
  media,
  directMedia,
  dispatch,
  enqueue,
}: RoomDeps<L, R>): Rooms<L, R> {
  const rooms = new Map<number, OpenRoom<R>>();
  const streams = new Map<number, { readonly attempt: number; readonly stream: R }>();

  function forgetStreams(ofAttempt: number): void {
    for (const [id, { attempt }] of streams) if (attempt === ofAttempt) streams.delete(id);
  }

  function onRoomEvent(event: RoomEvent<R>, attempt: number): void {
    switch (event.type) {
      case 'streamChanged': {
        const { stream } = event;
        return enqueue((id) => {
          // The one before is dead.
          forgetStreams(attempt);
          if (stream !== null) streams.set(id, { attempt, stream });
          return { type: 'room.streamChanged', attempt, streamId: stream === null ? null : id };
        });
      }
      case 'signal':
        return dispatch({ type: 'room.signalled', attempt, signal: event.signal });
      case 'transportState':
        return dispatch({ type: 'room.transportStateChanged', attempt, kind: event.kind, value: event.value });
      case 'firstFrame':
        return dispatch({ type: 'room.firstFrameReceived', attempt });
      case 'lost':
        return dispatch({ type: 'room.lost', attempt, failure: event.failure });
      case 'closed':
        return enqueue(() => {
          rooms.delete(attempt);
          forgetStreams(attempt);
          return { type: 'room.closed', attempt };
        });
      default:
        return dispatch({ type: `room.${event.type}`, attempt });
    }
  }

  function enter(attempt: number, open: OpenRoom<R>, room: MediaRoom<R>): void {
    open.room = room;
    room.events$.subscribe({
      next: (event) => onRoomEvent(event, attempt),
      error: (error: unknown) => {
        const failure = failureOf(error, {
          code: 'WEBRTC_ICE_ERROR',
          message: 'The media transport failed in the room.',
        });
        onRoomEvent({ type: 'lost', failure }, attempt);
        onRoomEvent({ type: 'closed' }, attempt);
      },
    });
  }

  return {
    prepare(attempt, url, token) {
      rooms.set(attempt, { address: { url, token }, room: null });
      media.preload?.({ url, token });
    },
    join(attempt, request) {
      const open = rooms.get(attempt);
      if (open?.address) enter(attempt, open, media.join({ ...open.address, ...request }));
    },
    joinDirect(attempt, request) {
      if (!directMedia) return;
      const open: OpenRoom<R> = { address: null, room: null };
      rooms.set(attempt, open);
      enter(attempt, open, directMedia.join(request));
    },
    close(attempt) {
      const open = rooms.get(attempt);
      if (open?.room) return open.room.close();
      // There is no room that could say it has closed.
      rooms.delete(attempt);
      dispatch({ type: 'room.closed', attempt });
    },
    room: (attempt) => rooms.get(attempt)?.room ?? null,
    stream: (streamId) => streams.get(streamId)?.stream ?? null,
  };
}

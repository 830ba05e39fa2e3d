import { Observable, of, Subject, type Subscriber, Subscription, throwError } from 'rxjs';
import { DecartError, type Failure } from '../../core/errors.js';
import type {
  AudioInput,
  DirectRequest,
  MediaRequest,
  MediaRoom,
  PeerSignal,
  RoomEvent,
  RoomRequest,
  RoomStats,
  TransportStateKind,
} from '../../core/ports/media.js';
import type { LocalStream } from '../../core/ports/streams.js';
import type { Delivery } from './delivery.js';
import { createMemoryRemoteStream, createMemoryTrack, type MemoryRemoteStream, type MemoryTrack } from './streams.js';

/** A LiveKit room, or a peer connection with the service: what only the other one has is left out. */
export type MemoryRequest<L extends LocalStream = LocalStream> = MediaRequest<L> &
  Partial<Omit<RoomRequest, keyof MediaRequest>> &
  Partial<Omit<DirectRequest, keyof MediaRequest>>;

/** A sound that is being played into a connection. */
export interface MemorySound {
  /** What the client passed. */
  readonly audio: AudioInput;
  /** It comes to its end. */
  end(): void;
  /** The client has stopped it. */
  readonly stopped: boolean;
}

/**
 * The server's side of a connection to a room in memory. What is done to a room that is closing or closed has no effect;
 * what no server could do (ending the first frame before there is a stream, say) throws.
 */
export class MemoryRoom {
  /** What `readStats` answers with. */
  stats: RoomStats = { publisher: [], subscriber: [] };
  /** Refuses the next calls of `replaceVideoTrack`; `null` grants them. */
  replaceFailure: Failure | null = null;
  /** The tracks that the client has put in place of its video track. */
  readonly replacedTracks: unknown[] = [];
  /** How often the client asked to resume. */
  resumes = 0;
  /** Direct WebRTC: the signals from the service to the client's peer connection, oldest first. */
  readonly signals: PeerSignal[] = [];
  readonly #signalSubject = new Subject<PeerSignal>();
  /** The same, as they come. Event-like: does not replay. Completes with the connection. */
  readonly signals$: Observable<PeerSignal> = this.#signalSubject.asObservable();
  /** Sounds that the client has played, oldest first. */
  readonly sounds: MemorySound[] = [];
  readonly #request: MemoryRequest;
  readonly #delivery: Delivery;
  readonly #subscriber: Subscriber<RoomEvent<MemoryRemoteStream>>;
  readonly #counts: { rooms: number; streams: number };
  readonly #closeDelayMs: number;
  readonly #participants = new Map<string, MemoryTrack[]>();
  #state: 'joining' | 'joined' | 'published' | 'closing' | 'closed' = 'joining';
  #playing: Subscriber<never> | null = null;
  #silent = false;
  #stream: MemoryRemoteStream | null = null;
  /** Streams that have gained a track since: whoever holds one goes on seeing it. */
  #outgrown: MemoryRemoteStream[] = [];
  #timer = Subscription.EMPTY;

  constructor(
    request: MemoryRequest,
    delivery: Delivery,
    subscriber: Subscriber<RoomEvent<MemoryRemoteStream>>,
    counts: { rooms: number; streams: number },
    closeDelayMs: number,
  ) {
    this.#request = request;
    this.#delivery = delivery;
    this.#subscriber = subscriber;
    this.#counts = counts;
    this.#closeDelayMs = closeDelayMs;
    counts.rooms += 1;
  }

  /** A getter, so that inspecting the room does not show the token. */
  get request(): MemoryRequest {
    return this.#request;
  }

  /** How far the connection is, as the client sees it. */
  get state(): 'joining' | 'joined' | 'published' | 'closing' | 'closed' {
    return this.#state;
  }

  /** The video track that the client publishes now; `null` when it publishes none. */
  get videoTrack(): unknown {
    if (this.#state !== 'published') return null;
    const { localStream, videoTrack } = this.#request;
    return this.replacedTracks.at(-1) ?? videoTrack ?? localStream?.videoTrack ?? null;
  }

  /** The stream that the client has been given last, if it lives. */
  get stream(): MemoryRemoteStream | null {
    return this.#stream;
  }

  /** Direct WebRTC: the client's peer connection wants the service to know this. */
  signal(signal: PeerSignal): void {
    if (!this.#gone) this.#emit({ type: 'signal', signal });
  }

  /** Lets the client in and, unless that is held back, takes what it publishes. */
  accept({ publish = true }: { publish?: boolean } = {}): void {
    if (this.#state === 'joined' || this.#state === 'published')
      throw new Error('accept(): this room is joined already.');
    if (this.#gone) return;
    this.#state = 'joined';
    this.#emit({ type: 'joined' });
    if (publish) this.acceptPublished();
  }

  /** Takes what the client publishes, after `accept({ publish: false })`. */
  acceptPublished(): void {
    if (this.#gone) return;
    if (this.#state !== 'joined') throw new Error(`acceptPublished(): this room is ${this.#state}.`);
    this.#state = 'published';
    this.#emit({ type: 'published' });
    this.#updateStream();
  }

  /** Refuses the join. */
  fail(failure: Failure): void {
    if (this.#gone) return;
    if (this.#state !== 'joining') throw new Error('fail(): this room is joined already; use lose().');
    this.#lose(failure);
  }

  /** Ends the connection. */
  lose(failure: Failure): void {
    if (this.#state === 'joining') throw new Error('lose(): this room is not joined yet; use fail().');
    if (!this.#gone) this.#lose(failure);
  }

  /** A participant publishes a track; before the client is let in, it is there already when the client comes. */
  publishRemote(identity = 'inference-server-0', kind: 'video' | 'audio' = 'video'): MemoryTrack {
    const track = createMemoryTrack(kind, identity);
    this.#participants.set(identity, [...(this.#participants.get(identity) ?? []), track]);
    if (identity.startsWith('inference-server-')) this.#updateStream();
    return track;
  }

  /** A participant leaves. */
  unpublishRemote(identity = 'inference-server-0'): void {
    for (const track of this.#participants.get(identity) ?? []) track.live = false;
    if (this.#participants.delete(identity) && identity.startsWith('inference-server-')) this.#updateStream();
  }

  /** The first frame of the remote stream is decoded. Throws while there is no remote stream. */
  firstFrame(): void {
    if (!this.#gone && !this.#stream) throw new Error('firstFrame(): there is no remote stream.');
    this.#tellPublished({ type: 'firstFrame' });
  }

  /** The number of a latency marker is read off a received frame. */
  marker(seq: number): void {
    this.#delivery.post(() => {
      if (!this.#gone) this.#request.onMarker?.(seq);
    });
  }

  /** A received frame says how long it took, in milliseconds. */
  latency(latencyMs: number): void {
    this.#delivery.post(() => {
      if (!this.#gone) this.#request.onLatency?.(latencyMs);
    });
  }

  /** The media connection re-establishes itself. Throws before the client publishes. */
  reconnecting(): void {
    this.#tellPublished({ type: 'reconnecting' });
  }

  /** The media connection is back. Throws before the client publishes. */
  reconnected(): void {
    this.#tellPublished({ type: 'reconnected' });
  }

  /** A state of the peer connection has changed. Throws before the client publishes. */
  transportState(kind: TransportStateKind, value: string): void {
    this.#tellPublished({ type: 'transportState', kind, value });
  }

  /** The client's own calls; not for tests. */
  readonly client = {
    close: (): void => {
      this.#silent = true;
      if (!this.#gone) this.#close();
    },
    leave: (): void => this.#end(),
    replaceVideoTrack: (track: unknown): Observable<never> =>
      new Observable((subscriber) =>
        this.#delivery.scheduler.schedule(() => {
          const failure = this.#replaceFailureFor(track);
          if (failure) return subscriber.error(new DecartError(failure));
          this.replacedTracks.push(track);
          subscriber.complete();
        }),
      ),
    readStats: (): Observable<RoomStats> => (this.#isJoined ? of(this.stats) : throwError(notJoined)),
    resume: (): void => {
      if (this.#isJoined) this.resumes += 1;
    },
    receive: (signal: PeerSignal): void => {
      if (this.#gone) return;
      this.signals.push(signal);
      this.#signalSubject.next(signal);
    },
    playAudio: (audio: AudioInput): Observable<never> =>
      new Observable((subscriber) => {
        if (!this.#isJoined || !this.#request.playsAudio) return subscriber.error(notJoined());
        // Another one takes its place.
        this.sounds.at(-1)?.end();
        this.#playing = subscriber;
        let stopped = false;
        this.sounds.push({
          audio,
          end: () => subscriber.complete(),
          get stopped() {
            return stopped;
          },
        });
        return () => {
          stopped = true;
        };
      }),
  };

  get #gone(): boolean {
    return this.#state === 'closing' || this.#state === 'closed';
  }

  get #isJoined(): boolean {
    return this.#state === 'joined' || this.#state === 'published';
  }

  #replaceFailureFor(track: unknown): Failure | null {
    if (!this.#isJoined) return NOT_JOINED;
    if (typeof track !== 'object' || track === null || !('kind' in track) || track.kind !== 'video') {
      return { code: 'INVALID_INPUT', message: 'A video track in memory is made by createMemoryTrack("video").' };
    }
    return this.replaceFailure;
  }

  #updateStream(): void {
    if (this.#state !== 'published') return;
    const tracks = [...this.#participants]
      .filter(([identity]) => identity.startsWith('inference-server-'))
      .flatMap(([, published]) => published);
    if (tracks.length === 0 && !this.#stream) return;
    this.#dropStreams(tracks);
    if (tracks.length > 0) {
      this.#counts.streams += 1;
      this.#stream = createMemoryRemoteStream(tracks, () => {
        this.#counts.streams -= 1;
      });
    }
    this.#emit({ type: 'streamChanged', stream: this.#stream });
  }

  /** All but those whose own tracks are among these. */
  #dropStreams(kept: readonly MemoryTrack[] = []): void {
    const isAmong = (track: MemoryTrack | null): boolean => track === null || kept.includes(track);
    const given = this.#stream ? [...this.#outgrown, this.#stream] : this.#outgrown;
    this.#stream = null;
    this.#outgrown = given.filter(({ videoTrack, audioTrack }) => isAmong(videoTrack) && isAmong(audioTrack));
    for (const stream of given) if (!this.#outgrown.includes(stream)) void stream.dispose();
  }

  #tellPublished(event: RoomEvent<MemoryRemoteStream>): void {
    if (this.#state === 'joining' || this.#state === 'joined') {
      throw new Error(`${event.type}: this room is ${this.#state}; accept() it first.`);
    }
    if (!this.#gone) this.#emit(event);
  }

  #emit(event: RoomEvent<MemoryRemoteStream>): void {
    this.#delivery.post(() => {
      // The client may have closed while this event was under way.
      if (!this.#silent) this.#subscriber.next(event);
    });
  }

  #lose(failure: Failure): void {
    this.#emit({ type: 'lost', failure });
    this.#close();
  }

  #close(): void {
    this.#state = 'closing';
    this.#timer = this.#delivery.scheduler.schedule(() => this.#delivery.post(() => this.#end()), this.#closeDelayMs);
  }

  #end(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#timer.unsubscribe();
    this.#playing?.error(notJoined());
    this.#signalSubject.complete();
    this.#dropStreams();
    for (const identity of [...this.#participants.keys()]) this.unpublishRemote(identity);
    this.#counts.rooms -= 1;
    this.#subscriber.next({ type: 'closed' });
    this.#subscriber.complete();
  }
}

const NOT_JOINED: Failure = {
  code: 'WEBRTC_ICE_ERROR',
  message: 'The media room is not joined. Call this while the session is connected.',
};
const notJoined = () => new DecartError(NOT_JOINED);

/** The client's side: joins when it is subscribed to. */
export function createMemoryMediaRoom<L extends LocalStream>(
  request: MemoryRequest<L>,
  enter: (request: MemoryRequest<L>, subscriber: Subscriber<RoomEvent<MemoryRemoteStream>>) => MemoryRoom,
  announce: (room: MemoryRoom) => void,
  delivery: Delivery,
): MediaRoom<MemoryRemoteStream> {
  let room: MemoryRoom | null = null;
  let closedUnjoined = false;
  return {
    events$: new Observable((subscriber) => {
      // The events are for one subscriber and never error: to another one the room is closed.
      if (closedUnjoined || room) {
        subscriber.next({ type: 'closed' });
        subscriber.complete();
        return;
      }
      room = enter(request, subscriber);
      subscriber.add(room.client.leave);
      announce(room);
    }),
    close: () => {
      closedUnjoined = room === null;
      delivery.during(() => room?.client.close());
    },
    replaceVideoTrack: (track) => room?.client.replaceVideoTrack(track) ?? throwError(notJoined),
    readStats: () => room?.client.readStats() ?? throwError(notJoined),
    resume: () => room?.client.resume(),
    receive: (signal) => room?.client.receive(signal),
    playAudio: (audio) => room?.client.playAudio(audio) ?? throwError(notJoined),
  };
}

import { distinctUntilChanged, type Observable, type Subscription, skip } from 'rxjs';
import type { RoomEvent, RoomRequest, RoomStats } from '../../../core/ports/media.js';
import { over, RoomStay } from '../shared/room-stay.js';
import { within } from '../shared/within.js';
import type { AttachOptions } from './attach.js';
import type { Room } from './load.js';
import { createLocalPublisher, type LocalPublisher } from './local-publisher.js';
import { type PublishableStream, requireVideoTrack } from './local-stream.js';
import { type BrowserRemoteStream, createRemoteStream } from './remote-stream.js';
import type { RemoteTracks } from './remote-tracks.js';
import { watchServiceTracks } from './remote-watch.js';
import { disconnectFailure, joinFailure, notJoined, publishFailure } from './room-failure.js';
import { listenTo } from './room-listeners.js';
import type { PreparedRoom, RoomPool } from './room-pool.js';
import { readRoomStats } from './room-stats.js';

export interface RoomSettings {
  /** How long each step of a join may take, in milliseconds. */
  readonly connectTimeoutMs: number;
  readonly onPlaybackRefused: NonNullable<AttachOptions['onPlaybackRefused']>;
  readonly follow: ((stream: BrowserRemoteStream) => Observable<BrowserRemoteStream | null>) | null;
}

type Engine = Room['engine'];

// A room has to be closed within 3 s.
const answerLimitMs = 750;
const disconnectLimitMs = 1_500;
const peerLimitMs = 500;

/** A stay in a room of `livekit-client`. */
export class BrowserRoomStay extends RoomStay<BrowserRemoteStream> {
  #prepared: PreparedRoom | null = null;
  #engine: Engine | null = null;
  /** Until the server has answered, or the connection has failed. */
  #answered: Promise<unknown> = Promise.resolve();
  #listeners: ReturnType<typeof listenTo> | null = null;
  #publisher: LocalPublisher | null = null;
  #remote: ReturnType<typeof createRemoteStream> | null = null;
  #remoteTracks: RemoteTracks = { video: null, audio: null };
  #watch: ReturnType<typeof watchServiceTracks> | null = null;
  #ownTracks: Subscription | null = null;
  #isReconnecting = false;

  constructor(
    private readonly pool: RoomPool,
    private readonly settings: RoomSettings,
    private readonly request: RoomRequest<PublishableStream>,
    emit: (event: RoomEvent<BrowserRemoteStream>) => void,
  ) {
    super(emit);
  }

  async replaceVideoTrack(track: unknown): Promise<void> {
    requireVideoTrack(track);
    if (!this.isJoined || !this.#publisher) throw notJoined();
    this.#ownTracks?.unsubscribe();
    await this.until(this.#publisher.replaceVideo(track));
  }

  async readStats(): Promise<RoomStats> {
    if (!this.isJoined) throw notJoined();
    const { video, audio } = this.#remoteTracks;
    const receivers = [video?.receiver, audio?.receiver].filter((receiver) => receiver !== undefined);
    return readRoomStats({ senders: this.#publisher?.senders ?? [], receivers });
  }

  resume(): void {
    // A resume that comes to nothing shows as a disconnect, which is told on its own.
    if (this.isJoined) this.#prepared?.room.simulateScenario('signal-reconnect').catch(() => undefined);
  }

  protected async leave(): Promise<void> {
    this.#ownTracks?.unsubscribe();
    this.#watch?.stop();
    this.#remote?.stop();
    if (this.#prepared) await this.#giveBack(this.#prepared);
    this.#publisher?.release();
  }

  async #giveBack(prepared: PreparedRoom): Promise<void> {
    const { room } = prepared;
    // Of a socket that is closed while it connects, browsers print the address on the console, with the token in it.
    await within(answerLimitMs, this.#answered);
    this.#listeners?.removeAll();
    const { engine } = room;
    const isInOrder = await within(disconnectLimitMs, room.disconnect(false));
    await within(peerLimitMs, closePeerConnections([this.#engine, engine]));
    if (isInOrder && room.state === 'disconnected') this.pool.giveBack(prepared);
  }

  protected async join(): Promise<void> {
    const taking = this.pool.take();
    try {
      this.#prepared = await this.until(taking);
    } catch (error) {
      // A room that comes too late is for the next stay.
      taking.then(
        (late) => this.pool.giveBack(late),
        () => undefined,
      );
      throw error;
    }
    const { sdk, room } = this.#prepared;
    this.#listen(this.#prepared);
    this.#publisher = createLocalPublisher(sdk, room, this.request.publish, () =>
      this.tell({ type: 'transportState', kind: 'localTrack', value: 'ended' }),
    );
    // The server takes tracks as soon as it has answered: the media connection is made with them in it.
    const signalled = new Promise<void>((resolve) => this.#listeners?.on(sdk.RoomEvent.SignalConnected, resolve));
    const publishing = this.until(signalled).then(() => this.#publish());
    // While the connection is being made; after that it is waited for.
    publishing.catch(() => undefined);
    await this.#connect(room, signalled);
    this.joined();
    await this.until(publishing);
    this.published();
    this.#watch?.look();
  }

  async #connect(room: Room, signalled: Promise<void>): Promise<void> {
    const { url, token } = this.request;
    const { connectTimeoutMs } = this.settings;
    this.#engine = room.engine;
    const connecting = room.connect(url, token, {
      autoSubscribe: true,
      maxRetries: 0,
      peerConnectionTimeout: connectTimeoutMs,
      websocketTimeout: connectTimeoutMs,
    });
    this.#answered = Promise.race([signalled, connecting]);
    // How it fails is told below.
    this.#answered.catch(() => undefined);
    try {
      await this.until(connecting);
    } catch (error) {
      // Called off: how it fails is no longer of interest.
      connecting.catch(() => undefined);
      if (error !== over) this.end(joinFailure(error, [token, url]));
      throw over;
    }
  }

  async #publish(): Promise<void> {
    const publisher = this.#publisher;
    const { localStream, videoTrack } = this.request;
    const video = videoTrack ?? localStream?.videoTrack ?? null;
    const audio = localStream?.audioTrack ?? null;
    if (!publisher) return;
    if (video !== null) requireVideoTrack(video);
    try {
      await Promise.all([video && publisher.publishVideo(video), audio && publisher.publishAudio(audio)]);
    } catch (error) {
      this.end(publishFailure(error));
      throw over;
    }
    if (videoTrack === null && !this.isOver) this.#followOwnTracks(publisher, video);
  }

  /** A camera that is switched goes on in the same place. */
  #followOwnTracks(publisher: LocalPublisher, published: MediaStreamTrack | null): void {
    const changes$ = this.request.localStream?.videoTrack$?.pipe(distinctUntilChanged(), skip(1));
    let sent = published;
    this.#ownTracks =
      changes$?.subscribe((track) => {
        if (this.isOver || track === sent) return;
        if (track === null) return this.tell({ type: 'transportState', kind: 'localTrack', value: 'ended' });
        sent = track;
        // One that does not take its place leaves the old one's: nothing new is seen, and the next may do better.
        publisher
          .replaceVideo(track)
          .catch(() => this.tell({ type: 'transportState', kind: 'localTrack', value: 'failed' }));
      }) ?? null;
  }

  #listen({ sdk, room }: PreparedRoom): void {
    const { RoomEvent } = sdk;
    const reconnecting = (): void => {
      if (!this.#isReconnecting) this.tell({ type: 'reconnecting' });
      this.#isReconnecting = true;
    };
    const { on, removeAll } = listenTo(room);
    this.#listeners = { on, removeAll };
    this.#watch = watchServiceTracks(sdk, room, on, (tracks) => this.#refreshRemote(tracks));
    on(RoomEvent.ConnectionStateChanged, (value) =>
      this.tell({ type: 'transportState', kind: 'connectionState', value }),
    );
    on(RoomEvent.SignalReconnecting, reconnecting);
    on(RoomEvent.Reconnecting, reconnecting);
    on(RoomEvent.Reconnected, () => {
      this.#isReconnecting = false;
      this.tell({ type: 'reconnected' });
    });
    on(RoomEvent.Disconnected, (reason) => {
      // A join that fails ends in a disconnect as well, and says more.
      if (this.isJoined) this.end(disconnectFailure(reason ?? 0));
    });
  }

  #refreshRemote(tracks: RemoteTracks): void {
    if (!this.isPublished) return;
    const before = this.#remoteTracks;
    this.#remoteTracks = tracks;
    if (tracks.video === before.video && tracks.audio === before.audio) return;
    this.#remote?.stop();
    this.#remote = null;
    if (tracks.video || tracks.audio) {
      this.#remote = createRemoteStream(tracks, {
        onFirstFrame: () => this.tell({ type: 'firstFrame' }),
        onMarker: this.request.onMarker,
        onPlaybackRefused: this.settings.onPlaybackRefused,
        follow: this.settings.follow,
      });
    }
    this.tell({ type: 'streamChanged', stream: this.#remote?.stream ?? null });
  }
}

/** LiveKit makes its peer connection before it joins, and forgets it when the join is refused. */
async function closePeerConnections(engines: readonly (Engine | null | undefined)[]): Promise<void> {
  for (const engine of new Set(engines)) await engine?.cleanupPeerConnections?.();
}

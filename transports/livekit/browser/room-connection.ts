import type { Subscription } from 'rxjs';
import type { RoomEvent, RoomRequest, RoomStats } from '../../../core/ports/media.js';
import { fallbacksOf } from '../../media/browser/fallbacks.js';
import { requestKeyFrame } from '../../media/browser/key-frame.js';
import { type PublishableStream, requireVideoTrack } from '../../media/browser/local-stream.js';
import { followOwnTracks } from '../../media/browser/own-tracks.js';
import { createRemoteSlot, type PlaybackSettings, type RemoteSlot } from '../../media/browser/remote-slot.js';
import type { BrowserRemoteStream } from '../../media/browser/remote-stream.js';
import { notJoined } from '../../media/not-joined.js';
import { over, RoomConnection } from '../../media/room-connection.js';
import { within } from '../../media/within.js';
import type { Room } from './load.js';
import { createLocalPublisher, type LocalPublisher } from './local-publisher.js';
import { watchServiceTracks } from './remote-watch.js';
import { disconnectFailure, joinFailure, publishFailure } from './room-failure.js';
import { listenTo } from './room-listeners.js';
import type { PreparedRoom, RoomPool } from './room-pool.js';
import { readRoomStats } from './room-stats.js';

export interface RoomSettings extends PlaybackSettings {
  /** How long each step of a join may take, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Starts livekit-client's worker for frame metadata; `null`: frames cannot be timed. */
  readonly createMetadataWorker: (() => Worker) | null;
}

// A room has to be closed within 3 s.
const answerLimitMs = 750;
const disconnectLimitMs = 1_500;
const peerLimitMs = 500;

/** A connection to a room of `livekit-client`. */
export class BrowserRoomConnection extends RoomConnection<BrowserRemoteStream> {
  #prepared: PreparedRoom | null = null;
  /** Until the server has answered, or the connection has failed. */
  #answered: Promise<unknown> = Promise.resolve();
  #listeners: ReturnType<typeof listenTo> | null = null;
  #publisher: LocalPublisher | null = null;
  readonly #remote: RemoteSlot;
  #watch: ReturnType<typeof watchServiceTracks> | null = null;
  #ownTracks: Subscription | null = null;
  #isReconnecting = false;
  #hasRequestedKeyFrame = false;

  constructor(
    private readonly pool: RoomPool,
    private readonly settings: RoomSettings,
    private readonly request: RoomRequest<PublishableStream>,
    emit: (event: RoomEvent<BrowserRemoteStream>) => void,
  ) {
    super(emit);
    this.#remote = createRemoteSlot(settings, request, (event) => this.report(event));
  }

  async replaceVideoTrack(track: unknown): Promise<void> {
    requireVideoTrack(track);
    if (!this.isJoined || !this.#publisher) throw notJoined();
    this.#ownTracks?.unsubscribe();
    await this.until(this.#publisher.replaceVideo(track));
  }

  async readStats(): Promise<RoomStats> {
    if (!this.isJoined) throw notJoined();
    const { video, audio } = this.#remote.tracks;
    const receivers = [video?.receiver, audio?.receiver].filter((receiver) => receiver !== undefined);
    return readRoomStats({ senders: this.#publisher?.senders ?? [], receivers });
  }

  resume(): void {
    // A resume that fails shows as a disconnect, which is reported on its own.
    if (this.isJoined) this.#prepared?.room.simulateScenario('signal-reconnect').catch(() => undefined);
  }

  protected async leave(): Promise<void> {
    this.#ownTracks?.unsubscribe();
    this.#watch?.stop();
    await this.#remote.stop();
    if (this.#prepared) await this.#giveBack(this.#prepared);
    this.#publisher?.release();
  }

  async #giveBack(prepared: PreparedRoom): Promise<void> {
    const { room, worker } = prepared;
    // Of a socket that is closed while it connects, browsers print the address on the console, with the token in it.
    await within(answerLimitMs, this.#answered);
    this.#listeners?.removeAll();
    const isInOrder = await within(disconnectLimitMs, room.disconnect(false));
    await within(peerLimitMs, prepared.closePeers());
    worker?.terminate();
    if (isInOrder && room.state === 'disconnected') this.pool.giveBack(prepared);
  }

  protected async join(): Promise<void> {
    const timesFrames = this.request.onLatency ? this.settings.createMetadataWorker !== null : false;
    const taking = this.pool.take(timesFrames ? this.settings.createMetadataWorker : null);
    try {
      this.#prepared = await this.until(taking);
    } catch (error) {
      // A room that comes too late is for the next connection.
      taking.then(
        (late) => this.pool.giveBack(late),
        () => undefined,
      );
      throw error;
    }
    const { sdk, room } = this.#prepared;
    this.#listen(this.#prepared);
    this.#publisher = createLocalPublisher(sdk, room, { publish: this.request.publish, timesFrames }, () =>
      this.report({ type: 'transportState', kind: 'localTrack', value: 'ended' }),
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
    const connecting = room.connect(url, token, {
      autoSubscribe: true,
      maxRetries: 0,
      peerConnectionTimeout: connectTimeoutMs,
      websocketTimeout: connectTimeoutMs,
    });
    this.#answered = Promise.race([signalled, connecting]);
    // Its failure is reported below.
    this.#answered.catch(() => undefined);
    try {
      await this.until(connecting);
    } catch (error) {
      // Called off: how it fails is no longer of interest.
      connecting.catch(() => undefined);
      if (error !== over) this.end(joinFailure(error, [token], url));
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
    if (video) for (const event of fallbacksOf(localStream, this.request.publish.preferredCodec)) this.report(event);
    if (videoTrack !== null || this.isOver) return;
    this.#ownTracks = followOwnTracks(
      localStream,
      video,
      (track) => publisher.replaceVideo(track),
      (value) => this.report({ type: 'transportState', kind: 'localTrack', value }),
    );
  }

  #listen({ sdk, room }: PreparedRoom): void {
    const { RoomEvent } = sdk;
    const reconnecting = (): void => {
      if (!this.#isReconnecting) this.report({ type: 'reconnecting' });
      this.#isReconnecting = true;
    };
    const { on, removeAll } = listenTo(room);
    this.#listeners = { on, removeAll };
    this.#watch = watchServiceTracks(sdk, room, on, (tracks) => {
      if (!this.isPublished) return;
      this.#remote.show(tracks);
      if (tracks.video && !this.#hasRequestedKeyFrame) {
        this.#hasRequestedKeyFrame = true;
        requestKeyFrame(this.#publisher?.senders ?? []);
      }
    });
    on(RoomEvent.ConnectionStateChanged, (value) =>
      this.report({ type: 'transportState', kind: 'connectionState', value }),
    );
    on(RoomEvent.SignalReconnecting, reconnecting);
    on(RoomEvent.Reconnecting, reconnecting);
    on(RoomEvent.Reconnected, () => {
      this.#isReconnecting = false;
      this.report({ type: 'reconnected' });
    });
    on(RoomEvent.Disconnected, (reason) => {
      // A join that fails ends in a disconnect as well, and says more.
      if (this.isJoined) this.end(disconnectFailure(reason ?? 0));
    });
  }
}

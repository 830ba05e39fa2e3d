import type { RoomEvent, RoomRequest, RoomStats } from '../../../core/ports/media.js';
import { normaliseRtcNodeStats } from '../../../core/stats/rtc-node-stats.js';
import { type NodeLocalStream, requireNodeVideoTrack } from '../../media/node/local-stream.js';
import { type NodeRemoteStream, withAudio } from '../../media/node/remote-stream.js';
import { notJoined } from '../../media/not-joined.js';
import { over, RoomConnection } from '../../media/room-connection.js';
import { within } from '../../media/within.js';
import { disconnectFailure, joinFailure, joinTimeout } from '../shared/room-failure.js';
import { type LiveKitNode, trackListeners } from './native.js';
import { createRemoteStream } from './remote-stream.js';
import { declineOthers, serviceTracks } from './remote-tracks.js';
import { createVideoPublisher, type VideoPublisher } from './video-publisher.js';

export interface RoomSettings {
  /** How long a join may take, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** How many more times the native library tries to reach a server that refuses or fails, within that time. */
  readonly joinRetries: number;
}

type Room = InstanceType<LiveKitNode['Room']>;

// Together they stay below the 3 s within which a room has to be closed.
const closeLimitMs = 200;
const settleLimitMs = 1_100;
const disconnectLimitMs = 1_100;

/** A connection to a room of `@livekit/rtc-node`. */
export class NodeRoomConnection extends RoomConnection<NodeRemoteStream> {
  #room: Room | null = null;
  #rtc: LiveKitNode | null = null;
  #publisher: VideoPublisher | null = null;
  #remote: NodeRemoteStream | null = null;
  readonly #declined = new WeakSet<object>();
  #leaveRoom: () => Promise<void> = async () => undefined;

  constructor(
    private readonly load: () => Promise<LiveKitNode>,
    private readonly settings: RoomSettings,
    private readonly request: RoomRequest<NodeLocalStream>,
    emit: (event: RoomEvent<NodeRemoteStream>) => void,
  ) {
    super(emit);
  }

  async replaceVideoTrack(track: unknown): Promise<void> {
    requireNodeVideoTrack(track);
    const publisher = this.#publisher;
    if (!this.isJoined) throw notJoined();
    if (publisher) await this.until(new Promise<void>((resolve) => publisher.switchTo(track, resolve)));
    else await this.#publish(track);
  }

  async readStats(): Promise<RoomStats> {
    if (!this.#room || !this.isJoined) throw notJoined();
    const { publisherStats, subscriberStats } = await this.#room.getRtcStats();
    return { publisher: normaliseRtcNodeStats(publisherStats), subscriber: normaliseRtcNodeStats(subscriberStats) };
  }

  resume(): void {
    if (!this.#room || !this.#rtc || !this.isJoined) return;
    // A resume that fails shows as a disconnect, which is reported on its own.
    this.#room.simulateScenario(this.#rtc.SimulateScenarioKind.SIMULATE_SIGNAL_RECONNECT).catch(() => undefined);
  }

  protected async leave(): Promise<void> {
    await this.#remote?.dispose();
    if (this.#publisher) await within(closeLimitMs, this.#publisher.close());
    await this.#leaveRoom();
  }

  protected async join(): Promise<void> {
    const rtc = await this.until(this.load());
    const room = new rtc.Room();
    this.#rtc = rtc;
    this.#room = room;
    this.#listen(rtc, room);
    await this.#connect(room);
    this.joined();
    const track = this.request.videoTrack ?? this.request.localStream?.videoTrack ?? null;
    if (track !== null) await this.#publish(track);
    this.published();
    this.#refreshRemote();
  }

  async #connect(room: Room): Promise<void> {
    const { url, token } = this.request;
    const { connectTimeoutMs, joinRetries } = this.settings;
    const options = {
      autoSubscribe: true,
      dynacast: false,
      // Understood, though missing from the type.
      connectTimeoutMs: BigInt(connectTimeoutMs),
      joinRetries,
    };
    const { result: connecting, removeListeners } = trackListeners(() => room.connect(url, token, options));
    this.#leaveRoom = () => leaveRoom(room, connecting, removeListeners);
    const timer = setTimeout(() => this.end(joinTimeout(connectTimeoutMs)), connectTimeoutMs);
    try {
      await this.until(connecting);
    } catch (error) {
      if (error !== over) this.end(joinFailure(error, [token], url));
      throw over;
    } finally {
      clearTimeout(timer);
    }
  }

  async #publish(track: unknown): Promise<void> {
    requireNodeVideoTrack(track);
    const participant = this.#room?.localParticipant;
    if (!this.#rtc || !participant) throw notJoined();
    const publisher = createVideoPublisher(this.#rtc, track, {
      onEnded: () => this.report({ type: 'transportState', kind: 'localTrack', value: 'ended' }),
      onFailed: (failure) => this.end(failure),
    });
    this.#publisher = publisher;
    await this.until(publisher.publishTo(participant, this.request.publish));
  }

  #listen(rtc: LiveKitNode, room: Room): void {
    const { RoomEvent } = rtc;
    // What a handler throws, the native library swallows or turns into an unhandled rejection.
    const guarded =
      <A extends readonly unknown[]>(handle: (...args: A) => void) =>
      (...args: A): void => {
        try {
          if (!this.isOver) handle(...args);
        } catch (error) {
          this.fail(error);
        }
      };
    const refresh = guarded(() => this.#refreshRemote());
    room
      .on(
        RoomEvent.TrackPublished,
        guarded(() => declineOthers(room, this.#declined)),
      )
      .on(RoomEvent.TrackSubscribed, refresh)
      .on(RoomEvent.TrackUnsubscribed, refresh)
      .on(RoomEvent.ParticipantDisconnected, refresh)
      .on(
        RoomEvent.ConnectionStateChanged,
        guarded((state) => {
          const value = ['disconnected', 'connected', 'reconnecting'][state] ?? String(state);
          this.report({ type: 'transportState', kind: 'connectionState', value });
        }),
      )
      .on(
        RoomEvent.Reconnecting,
        guarded(() => this.report({ type: 'reconnecting' })),
      )
      .on(
        RoomEvent.Reconnected,
        guarded(() => this.report({ type: 'reconnected' })),
      )
      .on(
        RoomEvent.Disconnected,
        guarded((reason) => this.end(disconnectFailure(reason))),
      );
  }

  #refreshRemote(): void {
    if (!this.#rtc || !this.#room || !this.isPublished) return;
    declineOthers(this.#room, this.#declined);
    const tracks = serviceTracks(this.#rtc, this.#room);
    const { videoTrack = null, audioTrack = null } = this.#remote ?? {};
    if (tracks.videoTrack === videoTrack && tracks.audioTrack === audioTrack) return;
    const before = this.#remote;
    if (before && videoTrack !== null && tracks.videoTrack === videoTrack && audioTrack === null && tracks.audioTrack) {
      this.#remote = withAudio(before, tracks.audioTrack);
      return this.report({ type: 'streamChanged', stream: this.#remote });
    }
    before?.dispose();
    this.#remote = null;
    if (tracks.videoTrack || tracks.audioTrack) {
      this.#remote = createRemoteStream(this.#rtc, tracks, {
        onFirstFrame: () => this.report({ type: 'firstFrame' }),
        onMarker: this.request.onMarker,
        onFailed: (error) => this.fail(error),
      });
    }
    this.report({ type: 'streamChanged', stream: this.#remote });
  }
}

// A join cannot be called off: if it succeeds late, that is when it is left. After a disconnect by the server, and
// after a disconnect() that hangs, the native library's client keeps listeners of the room.
async function leaveRoom(room: Room, connecting: Promise<void>, removeListeners: () => void): Promise<void> {
  const disconnect = async (): Promise<void> => {
    room.removeAllListeners();
    const disconnecting = trackListeners(() => room.disconnect());
    await within(disconnectLimitMs, disconnecting.result);
    disconnecting.removeListeners();
    removeListeners();
    abandonCalls(room);
  };
  if (await within(settleLimitMs, connecting)) return disconnect();
  room.removeAllListeners();
  connecting.then(disconnect, removeListeners);
}

// Calls of the room that are still waiting for an answer keep a listener each, until a disconnect that succeeds.
function abandonCalls(room: Room): void {
  const { disconnectController } = room as unknown as { disconnectController?: AbortController };
  disconnectController?.abort();
}

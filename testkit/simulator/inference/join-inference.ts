// The inference of one room: a LiveKit participant like any other, that sends back what the client sends.
import { DecartError } from '../../../core/errors.js';
import { acquireLiveKitNode, type NativeHold, trackListeners } from '../../../transports/livekit/node/native.js';
import { joinFailure } from '../../../transports/livekit/shared/room-failure.js';
import { within } from '../../../transports/media/within.js';
import type { RoomStyle } from '../media/media-service.js';
import { createAudioRelay } from './audio-relay.js';
import { type Avatar, createAvatar } from './avatar.js';
import { createPictureMaker } from './picture.js';
import { createVideoRelay, type InferenceControls } from './video-relay.js';

/** Participants with such an identity are the service's own. */
export const INFERENCE_PREFIX = 'inference-server-';

export interface JoinInference {
  readonly url: string;
  readonly token: string;
  /** `false`: frames come back as they are. */
  readonly restyles: boolean;
  /** `true`: there is no video of the client's; a face speaks what the client says. */
  readonly avatar: boolean;
  readonly pixelLatency: boolean;
  readonly controls: InferenceControls;
  readonly onMedia: () => void;
  readonly onFailed: (error: unknown) => void;
}

export interface RoomInference {
  changeStyle(style: RoomStyle): void;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
const DISCONNECT_LIMIT_MS = 1_000;

/**
 * Joins at once and works from then on; a failure is reported to `onFailed`, not thrown.
 * The native library is held until `close` resolves.
 */
export function joinInference(options: JoinInference): RoomInference {
  const { url, token, restyles, avatar: isAvatar, pixelLatency, controls, onMedia, onFailed } = options;
  const picture = createPictureMaker(restyles || isAvatar, pixelLatency);
  const video = createSlot();
  const audio = createSlot();
  let avatar: Avatar | null = null;
  let isClosed = false;
  let leave: () => Promise<void> = () => Promise.resolve();

  async function join(): Promise<void> {
    const hold = await acquireLiveKitNode();
    const { rtc } = hold;
    const room = new rtc.Room();
    leave = () => hold.release();
    if (isClosed) return;

    const follow = (): void => {
      const participant = room.localParticipant;
      if (isClosed || participant === undefined) return;
      const shared = { rtc, participant, onFailed };
      const from = clientTracks(rtc, room);
      const picturing = { ...shared, picture, controls, onFirstFrame: onMedia };
      if (isAvatar) avatar ??= createAvatar(picturing);
      else video.follow(from.video, (track) => createVideoRelay({ ...picturing, track }));
      audio.follow(from.audio, (track) =>
        createAudioRelay({ ...shared, track, onLevel: (level) => avatar?.hear(level) }),
      );
    };
    const { RoomEvent } = rtc;
    room
      .on(RoomEvent.TrackSubscribed, guarded(follow))
      .on(RoomEvent.TrackUnsubscribed, guarded(follow))
      .on(RoomEvent.ParticipantDisconnected, guarded(follow));
    const { result: connecting, removeListeners } = trackListeners(() =>
      room.connect(url, token, {
        autoSubscribe: true,
        dynacast: false,
        // Understood, though missing from the type.
        ...{ connectTimeoutMs: BigInt(CONNECT_TIMEOUT_MS), joinRetries: 1 },
      }),
    );
    leave = async () => {
      await within(CONNECT_TIMEOUT_MS, connecting);
      await within(DISCONNECT_LIMIT_MS, room.disconnect());
      removeListeners();
      await hold.release();
    };
    await connecting;
    follow();
  }

  // What a handler throws, the native library swallows or turns into an unhandled rejection.
  const guarded = (handle: () => void) => () => {
    try {
      handle();
    } catch (error) {
      onFailed(error);
    }
  };

  const joining = join().catch((error: unknown) => {
    // The native library quotes the URL it connects to, token and all.
    if (!isClosed) onFailed(new DecartError(joinFailure(error, [token, url])));
  });
  let closing: Promise<void> | null = null;
  async function end(): Promise<void> {
    isClosed = true;
    await within(CONNECT_TIMEOUT_MS, joining);
    await Promise.all([video.close(), audio.close(), avatar?.close()]);
    await leave();
  }

  return {
    changeStyle: (style) => picture.changeStyle(style),
    close: () => {
      closing ??= end();
      return closing;
    },
  };
}

type LiveKitNode = NativeHold['rtc'];

type RemoteVideoTrack = InstanceType<LiveKitNode['RemoteVideoTrack']>;
type RemoteAudioTrack = InstanceType<LiveKitNode['RemoteAudioTrack']>;

interface ClientTracks {
  readonly video: RemoteVideoTrack | null;
  readonly audio: RemoteAudioTrack | null;
}

/** The first video and the first audio that somebody other than the service sends. */
function clientTracks(rtc: LiveKitNode, room: InstanceType<LiveKitNode['Room']>): ClientTracks {
  let video: RemoteVideoTrack | null = null;
  let audio: RemoteAudioTrack | null = null;
  for (const participant of room.remoteParticipants.values()) {
    if (participant.identity.startsWith(INFERENCE_PREFIX)) continue;
    for (const { track } of participant.trackPublications.values()) {
      if (track instanceof rtc.RemoteVideoTrack) video ??= track;
      if (track instanceof rtc.RemoteAudioTrack) audio ??= track;
    }
  }
  return { video, audio };
}

interface Relay {
  close(): Promise<void>;
}

/** At most one relay, for the track that is there at present. */
function createSlot() {
  let present: { readonly track: object; readonly relay: Relay } | null = null;
  const ending = new Set<Promise<void>>();
  const end = (): void => {
    if (present === null) return;
    const ended = present.relay.close().finally(() => ending.delete(ended));
    ending.add(ended);
    present = null;
  };
  return {
    follow<T extends object>(track: T | null, start: (track: T) => Relay): void {
      if (present?.track === track || (present === null && track === null)) return;
      end();
      present = track && { track, relay: start(track) };
    },
    close: async (): Promise<void> => {
      end();
      await Promise.all(ending);
    },
  };
}

import type { MediaRequest, MediaTransport } from '../../core/ports/media.js';
import type { LocalStream, RemoteStream } from '../../core/ports/streams.js';

/** Supplies the transport to be proven and plays the room for it. */
export interface MediaHarness<L extends LocalStream = LocalStream, R extends RemoteStream = RemoteStream> {
  /** Media come from one far end, that neither leaves nor changes: there are no participants. @default false */
  readonly hasOneFarEnd?: boolean;
  /** Its participants `addAudio`, and its stages see whether a stream `isLive`: else the case about that is left out. @default false */
  readonly addsTracks?: boolean;
  /** A fresh transport and room for one case. */
  start(): Promise<MediaStage<L, R>>;
}

/** A transport with a server around it, for one case. */
export interface MediaStage<L extends LocalStream = LocalStream, R extends RemoteStream = RemoteStream> {
  /** The transport to be proven. */
  readonly transport: MediaTransport<L, R, MediaRequest<L>>;
  /** A request that is granted. One client at a time is in the room. */
  request(localStream: L | null): MediaRequest<L>;
  /** A request that is refused. */
  refusedRequest(): MediaRequest<L>;
  /** A caller's stream with video only. The stage frees it in the end. */
  createLocalStream(): Promise<L>;
  /** Whether the caller can still use the stream: neither disposed of nor ended. */
  isUsable(stream: L): boolean;
  /** A track that can take the place of the local stream's; the stage frees it in the end. */
  createVideoTrack(): Promise<unknown>;
  /** Another participant comes in, publishes one video track and sends frames on it. */
  enter(identity: string): Promise<StagedParticipant>;
  /** The kinds of the tracks that the client has published, as the server sees them, once there is one. */
  publishedKinds(): Promise<('video' | 'audio')[]>;
  /** Whether the client sends what this track carries. */
  isSent(track: unknown): boolean;
  /** Whether who holds this remote stream still gets all that it carries. For a harness that `addsTracks`. */
  isLive?(stream: R): boolean;
  /** The server ends the client's stay for good. */
  kick(): Promise<void>;
  /** Resolves when the server has no client left and the transport holds nothing any more; rejects if it does. */
  idle(): Promise<void>;
  /** Ends the stage and frees everything, after each case. */
  stop(): Promise<void>;
  /** How long to wait for any one event, in ms. @default 10000 */
  readonly limitMs?: number;
}

/** Another participant of the room. */
export interface StagedParticipant {
  /** Publishes an audio track, too. For a harness that `addsTracks`. */
  addAudio?(): Promise<void>;
  /** Leaves the room, and its track with it. */
  leave(): Promise<void>;
}

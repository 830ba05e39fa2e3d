import type { Observable } from 'rxjs';
import type { MediaFault } from '../../service/media-fault.js';

/** A reference image as the inference sees it. */
export interface RoomStyle {
  readonly prompt?: string | null;
  /** The image's bytes, of any format; `null` clears. */
  readonly image?: Uint8Array | null;
}

export interface OpenRoom {
  readonly room: string;
  /** Who the token in the answer is for. */
  readonly identity: string;
  /** Carry the latency marker from each input frame to its output frame. */
  readonly pixelLatency: boolean;
  /** A live avatar: the client sends no video, and sees a face that speaks its sound. */
  readonly avatar: boolean;
}

export interface RoomAccess {
  /** Where clients connect to. */
  readonly url: string;
  readonly token: string;
}

export interface TokenRequest {
  readonly room: string;
  readonly identity: string;
  readonly canPublish: boolean;
  readonly canSubscribe: boolean;
}

/** A client without LiveKit signalling: direct WebRTC. */
export interface PeerOffer {
  readonly room: string;
  readonly identity: string;
  /** `false`: a viewer, that only receives. */
  readonly canPublish: boolean;
  /** The offer's SDP. */
  readonly sdp: string;
}

/** Counters of the media side. What an external LiveKit server counts is not known here: 0. */
export interface MediaStats {
  /** Rooms that are open. */
  readonly rooms: number;
  /** Clients, viewers and inference participants. */
  readonly participants: number;
  /** UDP datagrams since the start. */
  readonly packetsIn: number;
  /** UDP datagrams since the start. */
  readonly packetsOut: number;
  /** The process that media runs in; `null` without media. */
  readonly process: {
    readonly pid: number;
    readonly rssBytes: number;
    /** CPU time used since it started, user and system. */
    readonly cpuMs: number;
  } | null;
}

/** What happens in the rooms. */
export type MediaEvent =
  /** The first media of the room's client arrived. */
  | { readonly type: 'media.started'; readonly room: string }
  | { readonly type: 'warning'; readonly text: string }
  /** Media is gone for good, with everything in it. */
  | { readonly type: 'ended'; readonly reason: string };

/**
 * Where sessions get their rooms from.
 *
 * Obligations: `events$` is hot and does not error. Promises reject with a `DecartError`. `closeRoom` and
 * `removePeer` accept what is not there, `changeStyle` rooms that are not there yet. After `close` resolves nothing is left open; it is idempotent.
 */
export interface MediaService {
  /** Where clients connect to. */
  readonly url: string;
  readonly events$: Observable<MediaEvent>;
  /** Makes the room, with its inference in it, and a token for the client. */
  openRoom(request: OpenRoom): Promise<RoomAccess>;
  /** A token for another participant of a room: a viewer, say. */
  createToken(request: TokenRequest): Promise<RoomAccess>;
  /** The answer to a peer connection's offer. It receives what the inference sends, and nothing else. */
  answerOffer(offer: PeerOffer): Promise<{ readonly sdp: string }>;
  /** Takes a participant out of a room: a peer connection does not show when its client is gone. */
  removePeer(room: string, identity: string): void;
  changeStyle(room: string, style: RoomStyle): void;
  closeRoom(room: string): void;
  fault(fault: MediaFault): void;
  stats(): Promise<MediaStats>;
  close(): Promise<void>;
}

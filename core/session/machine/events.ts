import type { Failure } from '../../errors.js';
import type { PeerSignal, TransportStateKind } from '../../ports/media.js';
import type { PlainMessage } from '../../protocol/server-messages.js';
import type { ConnectPlan, EncodedImage } from './connect-plan.js';
import type { CandidateSummary } from './outputs.js';
import type { Timer } from './timers.js';

/** Belongs to a connect try; dropped when that try is no longer the present one. */
interface OfAttempt {
  readonly attempt: number;
}

/** What a caller did. Ids were drawn from the state when the event entered the loop. */
export type CallerEvent =
  | {
      readonly type: 'caller.connectRequested';
      readonly connectId: number;
      readonly plan: ConnectPlan;
      readonly seed: number;
    }
  | { readonly type: 'caller.connectAborted'; readonly connectId: number }
  | {
      readonly type: 'caller.retryDecided';
      readonly connectId: number;
      readonly failure: Failure;
      readonly retry: boolean;
    }
  /** Another session is shown in place of this one. */
  | { readonly type: 'caller.handedOver'; readonly connectId: number; readonly keepsLocalStream: boolean }
  /** This session is shown in place of another one. */
  | {
      readonly type: 'caller.tookOver';
      readonly connectId: number;
      readonly earlierSeconds: number;
      readonly ownsLocalStream: boolean;
    }
  | {
      readonly type: 'caller.switchReported';
      readonly outcome: 'done' | 'plain' | 'failed';
      readonly reason: string | null;
    }
  /** A sign of the user's, without a request. */
  | { readonly type: 'caller.activityReported' }
  | { readonly type: 'caller.disconnectRequested' }
  | { readonly type: 'caller.releaseRequested' }
  | {
      readonly type: 'caller.promptRequested';
      readonly requestId: number;
      readonly prompt: string;
      readonly enhance: boolean;
      readonly timeoutMs: number | null;
    }
  | {
      readonly type: 'caller.imageRequested';
      readonly requestId: number;
      /** `false`: the image is to be cleared, there is nothing to read. */
      readonly hasImage: boolean;
      /** `undefined`: the prompt in force stays. */
      readonly prompt: string | null | undefined;
      readonly enhance: boolean;
      readonly timeoutMs: number | null;
    }
  | { readonly type: 'caller.requestCancelled'; readonly requestId: number };

/** What the signaling socket did. */
export type SocketFact = OfAttempt &
  /** `canPing`: a ping will be answered, as far as the platform goes. Default `false`. */
  (
    | { readonly type: 'socket.opened'; readonly canPing?: boolean }
    | { readonly type: 'socket.ponged' }
    /** It could not be opened at all: there was no key. */
    | { readonly type: 'socket.failed'; readonly failure: Failure }
    | { readonly type: 'socket.closed'; readonly code: number; readonly reason: string; readonly httpStatus?: number }
  );

type CamelCase<S extends string> = S extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;

/** A message under its own name and with its own fields, both in camelCase. */
type PlainEvent<M> = M extends { readonly type: infer T extends string }
  ? { readonly type: `server.${CamelCase<T>}` } & {
      readonly [F in Exclude<keyof M, 'type'> & string as CamelCase<F>]: M[F];
    }
  : never;

/** What the service said: most of it as it was said, some of it in the session's own words. */
export type ServerEvent = OfAttempt &
  (
    | {
        readonly type: 'server.roomInfoReceived';
        readonly livekitUrl: string;
        readonly token: string;
        readonly roomName: string;
        readonly sessionId: string;
      }
    /** Direct WebRTC: the service's offer, answer or candidate. */
    | { readonly type: 'server.signalled'; readonly signal: PeerSignal }
    | {
        readonly type: 'server.sessionIdReceived';
        readonly sessionId: string;
        readonly serverIp: string;
        readonly serverPort: number;
      }
    /** Direct WebRTC: the service says that it is there, which changes nothing. */
    | { readonly type: 'server.readyReported' }
    | { readonly type: 'server.queuePositionChanged'; readonly position: number; readonly queueSize: number }
    | {
        readonly type: 'server.promptAcked';
        readonly prompt: string;
        readonly success: boolean;
        readonly error: string | null;
      }
    | { readonly type: 'server.imageAcked'; readonly success: boolean; readonly error: string | null }
    | { readonly type: 'server.generationTicked'; readonly seconds: number }
    | { readonly type: 'server.errorReported'; readonly error: string }
    | { readonly type: 'server.statusReported'; readonly status: string }
    | { readonly type: 'server.messageUnknown'; readonly messageType: string }
    | { readonly type: 'server.messageMalformed'; readonly reason: string }
    | PlainEvent<PlainMessage>
  );

/** What the media room did. Streams are identified by number; the loop keeps the objects. */
export type RoomFact = OfAttempt &
  (
    | { readonly type: 'room.joined' }
    | { readonly type: 'room.published' }
    /** Direct WebRTC: the peer connection's offer, answer or candidate. */
    | { readonly type: 'room.signalled'; readonly signal: PeerSignal }
    | { readonly type: 'room.streamChanged'; readonly streamId: number | null }
    | { readonly type: 'room.firstFrameReceived' }
    | { readonly type: 'room.reconnecting' }
    | { readonly type: 'room.reconnected' }
    | { readonly type: 'room.transportStateChanged'; readonly kind: TransportStateKind; readonly value: string }
    | { readonly type: 'room.lost'; readonly failure: Failure }
    | { readonly type: 'room.closed' }
  );

/** What follows from other events in a try. */
export type HandshakeFact = OfAttempt & {
  readonly type: 'handshake.initialStateSettled';
  readonly failure: Failure | null;
};

/** What the measurements say of the received video. */
export type MediaFact = OfAttempt &
  (
    | { readonly type: 'media.stalled' }
    | { readonly type: 'media.recovered'; readonly durationMs: number }
    | { readonly type: 'media.pairSelected'; readonly local: CandidateSummary; readonly remote: CandidateSummary }
  );

/** What local media, images and timers did. */
export type SupportEvent =
  | { readonly type: 'local.opened'; readonly connectId: number }
  | { readonly type: 'local.failed'; readonly connectId: number; readonly failure: Failure }
  | { readonly type: 'local.closed'; readonly connectId: number }
  /** `readId` is that of the request, or of the connect for the initial image. */
  | { readonly type: 'image.read'; readonly readId: number; readonly image: EncodedImage }
  | { readonly type: 'image.failed'; readonly readId: number; readonly failure: Failure }
  /** The page was hidden, or shown again. */
  | { readonly type: 'page.visibilityChanged'; readonly isVisible: boolean }
  | { readonly type: 'network.changed'; readonly isOnline: boolean }
  | { readonly type: 'timer.fired'; readonly timer: Timer }
  /** A request on the wire timed out, which says something of the socket, too. */
  | { readonly type: 'request.unanswered'; readonly attempt: number };

/** Everything that can happen, without its time. */
export type UntimedEvent = CallerEvent | SocketFact | ServerEvent | RoomFact | HandshakeFact | MediaFact | SupportEvent;

/** An event for the reducer: named `source.past`, with its time on the scheduler's clock in milliseconds. */
export type SessionEvent = UntimedEvent & { readonly atMs: number };

export type EventOf<T extends SessionEvent['type']> = Extract<SessionEvent, { readonly type: T }>;

/** Belongs to one try. */
export type AttemptEvent = Extract<SessionEvent, OfAttempt>;

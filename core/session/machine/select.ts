// What can be seen of the state.
import { encodeSubscribeToken } from '../../protocol/subscribe-token.js';
import {
  type ConnectionState,
  hasAttempt,
  isActive,
  isLive,
  isStreamVisible,
  type LimitWarning,
  type RoomInfo,
  type SessionState,
} from './state.js';
import type { Usage } from './usage.js';

/** The ids of a session, once it is live. */
export interface SessionStarted {
  /** The service's id, for support and logs. A reconnect may bring another one. */
  readonly sessionId: string;
  /** Lets viewers watch; see `realtime.subscribe`. */
  readonly subscribeToken: string;
}

/** Where a connect waits, while the service has no room for it. */
export interface QueuePosition {
  /** The place, as the service counts it. */
  readonly position: number;
  /** How many wait. */
  readonly queueSize: number;
}

export const selectConnectionState = (state: SessionState): ConnectionState => state.status;

export const selectQueuePosition = (state: SessionState): QueuePosition | null =>
  hasAttempt(state) ? state.attempt.queue : null;

export const selectWaitingForCapacity = (state: SessionState): boolean =>
  isActive(state) && state.connection.refusals > 0;

/** The limit that ends the session next, of those that were warned of. */
export const selectLimitWarning = (state: SessionState): LimitWarning | null =>
  isActive(state) ? (state.connection.warnings.at(-1) ?? null) : null;

export const selectUsage = (state: SessionState): Usage => state.usage;

/** The room of the live session. Its object stays the same while it is the same room. */
export const selectRoomInfo = (state: SessionState): RoomInfo | null => (isLive(state) ? state.attempt.roomInfo : null);

export const sessionStartedOf = (room: RoomInfo | null): SessionStarted | null =>
  room && { sessionId: room.sessionId, subscribeToken: encodeSubscribeToken(room) };

/** The number of the remote stream that may be shown. */
export const selectStreamId = (state: SessionState): number | null =>
  hasAttempt(state) && isStreamVisible(state) ? state.attempt.streamId : null;

/** The connect whose local stream is there. */
export const selectLocalOwner = (state: SessionState): number | null => {
  if (!isActive(state)) return null;
  const { localStream, connectId } = state.connection;
  return localStream === 'caller' || localStream === 'open' ? connectId : null;
};

export const selectConnectId = (state: SessionState): number | null =>
  isActive(state) ? state.connection.connectId : null;

export const selectAttemptId = (state: SessionState): number | null => (hasAttempt(state) ? state.attempt.id : null);

export const selectLiveAttemptId = (state: SessionState): number | null => (isLive(state) ? state.attempt.id : null);

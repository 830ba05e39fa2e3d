// decart-rx: the platform-neutral core.
export { createDecartClient, type DecartClient, type DecartClientConfig } from './client.js';
export { DecartError, type ErrorCode, ErrorCodes, type Failure, isDecartError } from './errors.js';
export { readMarker, readMarkerRgba, stampMarker, stampMarkerRgba } from './latency/marker.js';
export { createLatencyTracker, type LatencySnapshot, type LatencyTracker } from './latency/tracker.js';
export type { Logger, LogLevel } from './log.js';
export { type RealtimeModel, RealtimeModels, type VideoModel, VideoModels } from './models.js';
export type {
  BlobLike,
  ImageInput,
  LocalStreamRequest,
  MediaRoom,
  MediaTransport,
  Platform,
  PublishOptions,
  RoomEvent,
  RoomRequest,
  SignalingSocket,
  SignalingTransport,
  SocketEvent,
  SocketRequest,
  TransportStateKind,
  VideoCodec,
} from './ports.js';
export type { ClientMessage, JoinMessage, PromptMessage, SetImageMessage } from './protocol/client-messages.js';
export {
  DEFAULT_MAX_FRAME_LENGTH,
  type Decoded,
  decodeClientMessage,
  decodeServerMessage,
  encodeClientMessage,
  encodeServerMessage,
} from './protocol/codec.js';
export type { ServerMessage } from './protocol/server-messages.js';
export { buildSignalingUrl, redactUrl, type SignalingUrlParts } from './protocol/signaling-url.js';
export { decodeSubscribeToken, encodeSubscribeToken } from './protocol/subscribe-token.js';
export type { ConnectOptions, RealtimeConfiguration } from './session/connect-options.js';
export type { SessionEffect } from './session/effects.js';
export type { SessionEvent } from './session/events.js';
export type { Diagnostic, DiagnosticEvent, Phase } from './session/facts.js';
export { defaultReconnectPolicy, type ReconnectPolicy } from './session/policy.js';
export type {
  ImageOptions,
  LocalStreamOptions,
  LocalStreamSize,
  PromptOptions,
  RealtimeClient,
  RealtimeSession,
  RealtimeStreams,
  RequestOptions,
  SessionCalls,
} from './session/realtime-client.js';
export { reduceSession } from './session/reduce.js';
export type { QueuePosition, SessionStarted } from './session/select.js';
export { type ConnectionState, initialSessionState, type SessionState } from './session/state.js';
export { asyncDispose, type LocalStream, type RemoteStream } from './streams.js';
export { VERSION } from './version.js';

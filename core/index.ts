// decart-rx: the platform-neutral core.
export type { Some } from './check.js';
export { createDecartClient } from './client.js';
export type { DecartClient, DecartClientConfig } from './compose-client.js';
export {
  type ConnectivityMetrics,
  type ConnectivityProbe,
  type ConnectivityReport,
  type ConnectivityTransport,
  classifyConnectivity,
  classifyDeepProbe,
  type DeepProbe,
} from './connectivity/classify.js';
export type { ConnectivityOptions } from './connectivity/options.js';
export type { ErrorData } from './error-data.js';
export { DecartError, type DecartErrorOf, type ErrorCode, ErrorCodes, type Failure, isDecartError } from './errors.js';
export {
  type ImageModel,
  type ImageModelName,
  ImageModels,
  type VideoModel,
  type VideoModelName,
  VideoModels,
} from './job-models.js';
export {
  markerHeight,
  markerWidth,
  readMarker,
  readMarkerRgba,
  stampMarker,
  stampMarkerRgba,
} from './latency/marker.js';
export {
  type LatencyReport,
  type LatencyUnavailableReason,
  latencyReport,
  latencyUnavailable,
} from './latency/report.js';
export { createLatencyTracker, type LatencySnapshot, type LatencyTracker } from './latency/tracker.js';
export type { Logger, LogLevel } from './log.js';
export { type RealtimeModel, type RealtimeModelInput, type RealtimeModelName, RealtimeModels } from './models.js';
export type {
  AudioInput,
  DirectRequest,
  IceServer,
  MediaRequest,
  MediaRoom,
  MediaTransport,
  PeerSignal,
  PublishOptions,
  RoomEvent,
  RoomRequest,
  RoomStats,
  TransportStateKind,
  VideoCodec,
} from './ports/media.js';
export type { GatheredCandidate, NetworkProbe } from './ports/network.js';
export type { BlobLike, ImageInput, LocalStreamRequest, Platform } from './ports/platform.js';
export type { SignalingSocket, SignalingTransport, SocketEvent, SocketRequest } from './ports/signaling.js';
export {
  asyncDispose,
  type LocalStream,
  type RemoteStream,
  type VideoTrackInput,
} from './ports/streams.js';
export { modelPrices } from './prices.js';
export type { ClientMessage, JoinMessage, PromptMessage, SetImageMessage } from './protocol/client-messages.js';
export {
  DEFAULT_MAX_FRAME_LENGTH,
  type Decoded,
  decodeClientMessage,
  decodeServerMessage,
} from './protocol/codec.js';
export { encodeClientMessage, encodeServerMessage } from './protocol/encode.js';
export type { ServerMessage } from './protocol/server-messages.js';
export {
  type DirectSession,
  decodeSubscribeToken,
  encodeSubscribeToken,
  type WatchedSession,
} from './protocol/subscribe-token.js';
export { buildSignalingUrl, redactUrl, type SignalingUrlParts } from './protocol/url.js';
export {
  type ConnectionQuality,
  type LimitingFactor,
  noQualitySignals,
  type QualityScore,
  type QualitySignals,
  type ScoreOptions,
  scoreQuality,
} from './quality/score.js';
export { qualitySignals } from './quality/signals.js';
export {
  type ConnectionQualityMetrics,
  type ConnectionQualityReport,
  initialQualityState,
  type QualityState,
  qualityReports,
  stepQuality,
} from './quality/smooth.js';
export {
  androidQualityThresholds,
  type CeilingBands,
  defaultQualityThresholds,
  type FloorBands,
  type QualityThresholds,
} from './quality/thresholds.js';
export { type RecordingOptions, recordSession, type SessionRecording } from './recorder/record.js';
export { replaySession, type SessionReplay } from './recorder/replay.js';
export * from './rest/index.js';
export type { DebugQuality } from './session/client/debug-quality.js';
export type { ConnectOptions } from './session/client/options.js';
export type {
  LocalStreamOptions,
  LocalStreamSize,
  RealtimeClient,
  RealtimeSession,
  SwitchCalls,
} from './session/client/realtime-client.js';
export type { RealtimeConfiguration } from './session/client/realtime-configuration.js';
export { seamlessSwitch } from './session/client/seamless-switch.js';
export type {
  ImageOptions,
  PromptOptions,
  RequestOptions,
  SessionCalls,
  Wish,
} from './session/client/session-calls.js';
export type { RealtimeStreams, SessionView } from './session/client/session-streams.js';
export type { SessionEffect } from './session/machine/effects.js';
export type { EndedBy, SessionEnd } from './session/machine/endings.js';
export type { SessionEvent } from './session/machine/events.js';
export type { LimitName, SessionLimits } from './session/machine/limit-plan.js';
export type { Diagnostic, DiagnosticEvent, Phase } from './session/machine/outputs.js';
export { reduceSession } from './session/machine/reduce.js';
export { defaultReconnectPolicy, type ReconnectPolicy } from './session/machine/retry-policy.js';
export type { QueuePosition, SessionStarted } from './session/machine/select.js';
export {
  type ConnectionState,
  initialSessionState,
  type LimitWarning,
  type SessionState,
} from './session/machine/state.js';
export type { SessionUsage } from './session/machine/usage.js';
export type { SelectedCandidatePair } from './stats/candidate-pair.js';
export { type RtcStatsEntry, statsEntries } from './stats/entry.js';
export type {
  ConnectionStats,
  InboundAudioStats,
  InboundVideoStats,
  OutboundVideoStats,
  RemoteInboundStats,
} from './stats/media-stats.js';
export type { PublishStatsEvent } from './stats/publish-stats.js';
export {
  initialStatsState,
  type RawStatsSample,
  type RealtimeStats,
  stepStats,
} from './stats/webrtc-stats.js';
export { VERSION } from './version.js';

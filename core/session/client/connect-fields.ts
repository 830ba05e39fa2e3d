import type { ConnectOptions } from './options.js';

/** Every option of `connect()`. */
const fields: Readonly<Record<keyof ConnectOptions, true>> = {
  model: true,
  initialPrompt: true,
  initialImage: true,
  resolution: true,
  realtimeConfiguration: true,
  publishCamera: true,
  publishMicrophone: true,
  facing: true,
  mirror: true,
  debugQuality: true,
  holdUntilInitialState: true,
  handshake: true,
  transport: true,
  iceServers: true,
  queryParams: true,
  reconnect: true,
  connectBudgetMs: true,
  whenFull: true,
  maxSessionDuration: true,
  renewBeforeMs: true,
  limits: true,
  recoverStalledAfterMs: true,
  qualityThresholds: true,
  onRemoteStream: true,
  onConnectionQuality: true,
  signal: true,
};

/** A misspelled option is refused, not ignored. */
export const connectFields: readonly string[] = Object.keys(fields);

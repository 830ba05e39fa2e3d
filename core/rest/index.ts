export type { UploadInput } from '../input.js';
export type {
  FormPart,
  HttpBody,
  HttpEvent,
  HttpFailed,
  HttpRequest,
  HttpResponse,
  HttpTransport,
  UploadSource,
} from '../ports/http.js';
export {
  createViewerClient,
  type SubscribeOptions,
  type ViewerClient,
  type ViewerConnectionState,
  type ViewerDeps,
  type ViewerSession,
} from '../viewer/viewer.js';
export type { ApiKeySource } from './api-key.js';
export type { CallFailureReason, CallOptions, RestDeps } from './call.js';
export { createEphemeralKey, type EphemeralKeyDeps, type FetchLike } from './ephemeral-key.js';
export { createFilesClient, type FilesClient, type StoredFile, type UploadEvent, type UploadOptions } from './files.js';
export type { Job, JobEvent, JobResult, JobStatus } from './job.js';
export type { JobInput } from './job-input.js';
export { createQueueClient, type QueueClient, type WatchOptions } from './queue.js';
export type { RealtimeQuota } from './quota.js';
export type { RetryOptions } from './retry.js';
export { type ClientToken, createTokensClient, type TokenOptions, type TokensClient } from './tokens.js';

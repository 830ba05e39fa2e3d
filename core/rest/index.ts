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
export type { DirectViewing } from '../viewer/direct-stay.js';
export {
  createViewerClient,
  type SubscribeOptions,
  type ViewerClient,
  type ViewerConnectionState,
  type ViewerDeps,
  type ViewerSession,
} from '../viewer/viewer.js';
export type { ApiKeySource, KeepsKeys } from './api-key.js';
export type { CallFailureReason, CallOptions, RestDeps } from './call.js';
export { createEphemeralKey, type EphemeralKeyDeps, type FetchLike } from './ephemeral-key.js';
export { createFilesClient, type FilesClient, type StoredFile, type UploadEvent, type UploadOptions } from './files.js';
export { createImagesClient, type ImageEdit, type ImagesClient } from './images.js';
export type { Job, JobEvent, JobResult, JobStatus } from './job.js';
export type { JobInput, JobModel } from './job-input.js';
export { createModelsClient, type ModelsClient, type Resolved } from './model-names.js';
export { createQueueClient, type JobModelName, type QueueClient, type WatchOptions } from './queue.js';
export type { RealtimeQuota } from './quota.js';
export type { RetryOptions } from './retry.js';
export { type ClientToken, createTokensClient, type TokenOptions, type TokensClient } from './tokens.js';
export type { ValidationDetail } from './validation.js';

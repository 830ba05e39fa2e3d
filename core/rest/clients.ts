import type { RemoteStream } from '../ports/streams.js';
import { createViewerClient, type ViewerClient, type ViewerDeps } from '../viewer/viewer.js';
import { createFilesClient, type FilesClient } from './files.js';
import { createImagesClient, type ImagesClient } from './images.js';
import { createModelsClient, type ModelsClient } from './model-names.js';
import { createQueueClient, type QueueClient } from './queue.js';
import { createQuotaClient, type QuotaClient } from './quota.js';
import { createTokensClient, type TokensClient } from './tokens.js';

/** The clients that speak REST. */
export interface RestClients<R extends RemoteStream = RemoteStream> {
  /** Jobs. */
  readonly queue: QueueClient;
  /** Images, at once. */
  readonly images: ImagesClient;
  /** Names of models. */
  readonly models: ModelsClient;
  /** Client tokens. */
  readonly tokens: TokensClient;
  /** Uploaded files. */
  readonly files: FilesClient;
  /** The account’s session limit. */
  readonly quotas: QuotaClient;
  /** Those who watch a session. */
  readonly viewers: ViewerClient<R>;
}

/** All that goes over REST. */
export const createRestClients = <R extends RemoteStream>(deps: ViewerDeps<R>): RestClients<R> => ({
  queue: createQueueClient(deps),
  images: createImagesClient(deps),
  models: createModelsClient(deps),
  tokens: createTokensClient(deps),
  files: createFilesClient(deps),
  quotas: createQuotaClient(deps),
  viewers: createViewerClient(deps),
});

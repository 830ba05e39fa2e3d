import type { RemoteStream } from '../ports/streams.js';
import { createViewerClient, type ViewerClient, type ViewerDeps } from '../viewer/viewer.js';
import { createFilesClient, type FilesClient } from './files.js';
import { createQueueClient, type QueueClient } from './queue.js';
import { createQuotaClient, type QuotaClient } from './quota.js';
import { createTokensClient, type TokensClient } from './tokens.js';

export interface RestClients<R extends RemoteStream = RemoteStream> {
  readonly queue: QueueClient;
  readonly tokens: TokensClient;
  readonly files: FilesClient;
  readonly quotas: QuotaClient;
  readonly viewers: ViewerClient<R>;
}

/** All that goes over REST. */
export const createRestClients = <R extends RemoteStream>(deps: ViewerDeps<R>): RestClients<R> => ({
  queue: createQueueClient(deps),
  tokens: createTokensClient(deps),
  files: createFilesClient(deps),
  quotas: createQuotaClient(deps),
  viewers: createViewerClient(deps),
});

// The client's REST calls, made once each, and held against the service's description.
import { asyncScheduler, lastValueFrom } from 'rxjs';
import { ImageModels, VideoModels } from '../../../core/job-models.js';
import type { HttpRequest, HttpTransport } from '../../../core/ports/http.js';
import { createFilesClient } from '../../../core/rest/files.js';
import { createImagesClient } from '../../../core/rest/images.js';
import type { JobInput, JobModel } from '../../../core/rest/job-input.js';
import { createModelsClient } from '../../../core/rest/model-names.js';
import { createQueueClient } from '../../../core/rest/queue.js';
import { createQuotaClient } from '../../../core/rest/quota.js';
import { createTokensClient } from '../../../core/rest/tokens.js';
import { differences, type Exchange, recording } from './exchanges.js';
import type { OpenApi } from './openapi.js';

export interface RestChecks {
  readonly http: HttpTransport;
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly image: Uint8Array;
  /** A job that is waited for is submitted with it. `null`: there is none. */
  readonly video: Uint8Array | null;
  /** Submit a job for each model, too: for a service that costs nothing. */
  readonly everyModel: boolean;
}

/** Makes every call, once, and the wrong ones that the client itself would not make. */
export async function makeCalls({ http, baseUrl, apiKey, image, video, everyModel }: RestChecks) {
  const recorded = recording(http);
  const deps = { http: recorded, baseUrl, apiKey, userAgent: 'decart-rx/contract', scheduler: asyncScheduler };
  const models = createModelsClient(deps);
  await models.resolve('lucy-latest');
  await models.resolve(['lucy-latest', 'lucy-vton-latest']);
  await createQuotaClient(deps).quota();
  await createTokensClient(deps).create({
    expiresIn: 60,
    allowedModels: ['lucy-2.5'],
    allowedOrigins: ['https://app.example.com'],
    metadata: { purpose: 'contract check' },
    constraints: { realtime: { maxSessionDuration: 10 } },
  });
  const files = createFilesClient(deps);
  const file = await files.upload(image, { ttlSeconds: 60, filename: 'image.png' });
  await files.get(file.id);
  await files.delete(file.id);
  for (const model of everyModel ? ImageModels.all : [ImageModels.LUCY_IMAGE_2]) {
    const edit = {
      data: image,
      referenceImage: image,
      prompt: 'a watercolour',
      seed: 0,
      enhancePrompt: false,
    } as const;
    await createImagesClient(deps).edit(model, { ...edit, resolution: '480p' });
  }
  const queue = createQueueClient(deps);
  for (const model of everyModel ? [...VideoModels.all, ...ImageModels.all] : []) {
    await queue.submit(model, inputFor(model, video ?? image, image));
  }
  if (video !== null) {
    const input = { ...inputFor(VideoModels.LUCY_2_5, video, image), selfAnchor: false };
    await queue.submitAndPoll(VideoModels.LUCY_2_5, input, { firstPollDelayMs: 50, pollIntervalMs: 200 });
  }
  const right = recorded.exchanges.slice();
  // What is wrong with a request is said in one form.
  const parts = [{ type: 'field', name: 'seed', value: '1' }] as const;
  for (const path of ['/v1/jobs/lucy-2.5', '/v1/generate/lucy-image-2', '/v1/files']) {
    const headers = { 'X-API-KEY': apiKey };
    const body: HttpRequest['body'] = { type: 'form', parts };
    await lastValueFrom(recorded.request({ method: 'POST', url: baseUrl + path, headers, body, accept: 'text' }));
  }
  return { right, wrong: recorded.exchanges.slice(right.length) };
}

const inputFor = ({ name }: JobModel, data: Uint8Array, image: Uint8Array): JobInput => ({
  data,
  prompt: 'a watercolour',
  seed: 4_294_967_295,
  resolution: '720p',
  enhance: true,
  ...(!/^lucy-(restyle|robot)/.test(name) && { referenceImage: image }),
});

/** What differs from the description on purpose, and why. */
const onPurpose: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^GET \/v1\/jobs\/\{job_id\}\/content: answer: \S+ instead of application\/json$/, 'The description has no bytes.'],
  [/^POST \/v1\/generate\/\S+: answer: image\/\S+ instead of image\/png$/, 'An image may come in another format.'],
  [/^\/v1\/verify is never called$/, 'The provenance check is in no SDK.'],
  [/^\/watch-stream\/\{room_id\} is never called$/, 'It needs a session: the live check makes this call.'],
  [/^\/v1\/(jobs|generate)\/\S+ is never called$/, 'An older or another spelling of a model’s name.'],
];

export interface Comparison {
  /** Differences that are not intended. */
  readonly differing: readonly string[];
  /** What is meant to, each with its reason. */
  readonly onPurpose: readonly string[];
}

/** Holds exchanges against the description. `wrong`: requests that are meant to be refused; only the answer counts. */
export function compare(
  openApi: OpenApi,
  baseUrl: string,
  { right, wrong }: { readonly right: readonly Exchange[]; readonly wrong: readonly Exchange[] },
  everyModel: boolean,
): Comparison {
  const isAnswer = (text: string): boolean => text.includes(': answer: ');
  const found = [
    ...right.flatMap((exchange) => differences(openApi, baseUrl, exchange)),
    ...wrong.flatMap((exchange) => differences(openApi, baseUrl, exchange)).filter(isAnswer),
    ...wrong
      .filter(({ response }) => response.status !== 422)
      .map(({ request }) => `${request.url}: not refused with 422`),
  ];
  if (everyModel) {
    const called = new Set(
      right.map(({ request: { method, url } }) => openApi.operation(method, url.slice(baseUrl.length))?.path),
    );
    found.push(...openApi.paths.filter((path) => !called.has(path)).map((path) => `${path} is never called`));
  }
  const reasonOf = (text: string) => onPurpose.find(([pattern]) => pattern.test(text))?.[1];
  const unique = [...new Set(found)];
  return {
    differing: unique.filter((text) => reasonOf(text) === undefined),
    onPurpose: unique.filter((text) => reasonOf(text) !== undefined).map((text) => `${text}: ${reasonOf(text)}`),
  };
}

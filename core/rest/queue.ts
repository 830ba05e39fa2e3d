import {
  concat,
  concatMap,
  defer,
  distinctUntilChanged,
  expand,
  filter,
  last,
  map,
  type Observable,
  of,
  switchMap,
  takeUntil,
  takeWhile,
  throwError,
  timer,
} from 'rxjs';
import { checkDurations, invalidInput } from '../check.js';
import { DecartError } from '../errors.js';
import type { ImageModelName, VideoModelName } from '../job-models.js';
import type { HttpResponse } from '../ports/http.js';
import { abortable, promised } from './abortable.js';
import { blobOf, type CallOptions, type RestCall, type RestDeps, restCall$ } from './call.js';
import { readsOnce } from './form.js';
import { isOver, isResult, type Job, type JobEvent, type JobResult, jobOf } from './job.js';
import { type JobInput, type JobModel, jobForm, jobModel, jobPathOf } from './job-input.js';
import { type RetryOptions, retryPolicyOf, retryTransient, retryUnsent } from './retry.js';

/** How a job is watched. */
export interface WatchOptions extends CallOptions {
  /** Before the first poll. @default 500 */
  readonly firstPollDelayMs?: number | undefined;
  /** Between an answer and the next poll. @default 1500 */
  readonly pollIntervalMs?: number | undefined;
  /** Polls and downloads that fail for a passing reason. @default 5 retries after 1 s × 2^n, at most 10 s each */
  readonly retry?: RetryOptions | undefined;
  /** For everything after the upload. @default no limit */
  readonly budgetMs?: number | undefined;
}

/** Names of models that take jobs: the known ones, and any newer name. */
export type JobModelName = VideoModelName | ImageModelName | (string & {});

/** Jobs: a video or an image is handed in, and fetched when it is done. */
export interface QueueClient {
  /** Uploads the input and starts a job. Sent again only when it surely never arrived. Errors: QUEUE_SUBMIT_ERROR. */
  submit(model: JobModel | JobModelName, input: JobInput, options?: CallOptions): Promise<Job>;
  /** Asks once how a job is doing. Errors: QUEUE_STATUS_ERROR. */
  status(jobId: string, options?: CallOptions): Promise<Job>;
  /** The video of a completed job (MP4). Errors: JOB_NOT_COMPLETED, QUEUE_RESULT_ERROR. */
  result(jobId: string, options?: CallOptions): Promise<Blob>;
  /**
   * {@link QueueClient.jobs$} as a promise of its last event. A failed job resolves, with `status: 'failed'`.
   *
   * @throws DecartError INVALID_INPUT, MODEL_NOT_FOUND, INVALID_API_KEY, QUEUE_SUBMIT_ERROR, QUEUE_STATUS_ERROR,
   * QUEUE_RESULT_ERROR, ABORTED
   * @example
   * ```ts
   * import type { DecartClient } from 'decart-rx';
   *
   * export async function restyle(client: DecartClient, clip: Blob): Promise<Blob> {
   *   const job = await client.queue.submitAndPoll('lucy-2.5', { data: clip, prompt: 'as a watercolour' });
   *   if (job.status === 'failed') throw new Error(job.error ?? 'The job failed.');
   *   return job.video;
   * }
   * ```
   */
  submitAndPoll(model: JobModel | JobModelName, input: JobInput, options?: WatchOptions): Promise<JobResult>;
  /**
   * The whole life of a job: `uploading` (with its progress), `pending`, `processing`, then `completed` (with the
   * video)
   * or `failed`, then completion. Cold: each subscription submits a job of its own, so `retry()` starts a new job;
   * unsubscribing stops the upload, the polling and the download at once (the service has no call to stop the job).
   * Errors as the single calls do; INVALID_INPUT before any request.
   *
   * @example
   * ```ts
   * import type { DecartClient } from 'decart-rx';
   *
   * export const play = (client: DecartClient, clip: Blob, player: HTMLVideoElement) =>
   *   client.queue.jobs$('lucy-2.5', { data: clip, prompt: 'as a watercolour' }).subscribe((job) => {
   *     if (job.status === 'completed') player.src = URL.createObjectURL(job.video);
   *   });
   * ```
   */
  jobs$(model: JobModel | JobModelName, input: JobInput, options?: WatchOptions): Observable<JobEvent>;
  /** The rest of the life of a job that is already there, say one submitted by an earlier run. Cold. */
  watch$(jobId: string, options?: WatchOptions): Observable<JobEvent>;
}

const isResponse = (event: { readonly type: string }): event is HttpResponse => event.type === 'response';

function checkWatchOptions({ timeoutMs, firstPollDelayMs, pollIntervalMs, budgetMs, retry }: WatchOptions): void {
  checkDurations({ timeoutMs, firstPollDelayMs, pollIntervalMs, budgetMs });
  retryPolicyOf(retry);
}

/** The queue client over an HTTP port. */
export function createQueueClient(deps: RestDeps): QueueClient {
  const submit$ = (
    model: JobModel | JobModelName,
    input: JobInput,
    options: CallOptions,
  ): Observable<Job | Extract<JobEvent, { status: 'uploading' }>> =>
    defer(() => {
      checkDurations({ timeoutMs: options.timeoutMs });
      const chosen = jobModel(deps, model);
      const parts = jobForm(chosen, input);
      const call: RestCall = {
        failure: 'The job could not be submitted',
        code: 'QUEUE_SUBMIT_ERROR',
        method: 'POST',
        path: jobPathOf(chosen),
        body: { type: 'form', parts },
        timeoutMs: options.timeoutMs,
        data: { model: chosen.name },
      };
      const sent$ = restCall$(deps, call);
      return (parts.some(readsOnce) ? sent$ : sent$.pipe(retryUnsent(deps))).pipe(
        concatMap((event) => {
          if (event.type === 'response') return of(jobOf(deps, event, call));
          if (event.type === 'downloadProgress') return [];
          const { bytesSent, bytesTotal } = event;
          return of({ status: 'uploading', bytesSent, bytesTotal } as const);
        }),
      );
    });

  const status$ = (jobId: string, options: CallOptions): Observable<Job> => {
    const call: RestCall = {
      failure: 'The status of the job could not be read',
      code: 'QUEUE_STATUS_ERROR',
      method: 'GET',
      path: jobPath(jobId),
      timeoutMs: options.timeoutMs,
      data: { jobId },
    };
    return restCall$(deps, call).pipe(
      filter(isResponse),
      map((response) => jobOf(deps, response, call)),
    );
  };

  const result$ = (jobId: string, options: CallOptions): Observable<Blob> => {
    const call: RestCall = {
      failure: 'The video of the job could not be read',
      code: 'QUEUE_RESULT_ERROR',
      method: 'GET',
      path: `${jobPath(jobId)}/content`,
      accept: 'blob',
      timeoutMs: options.timeoutMs,
      data: { jobId },
      codes: { 409: 'JOB_NOT_COMPLETED', 425: 'JOB_NOT_COMPLETED' },
    };
    return restCall$(deps, call).pipe(
      filter(isResponse),
      map((response) => blobOf(response, call)),
    );
  };

  const polled$ = (jobId: string, options: WatchOptions): Observable<Job> => {
    const { firstPollDelayMs = 500, pollIntervalMs = 1500, retry } = options;
    const pollAfter = (delayMs: number): Observable<Job> =>
      timer(delayMs, deps.scheduler).pipe(switchMap(() => status$(jobId, options).pipe(retryTransient(deps, retry))));
    return pollAfter(firstPollDelayMs).pipe(expand(() => pollAfter(pollIntervalMs)));
  };

  const outcome$ = (job: Job, options: WatchOptions): Observable<JobEvent> => {
    const { jobId, status, error } = job;
    if (status === 'failed') return of({ status, jobId, error });
    if (status !== 'completed') return of({ status, jobId });
    return result$(jobId, options).pipe(
      retryTransient(deps, options.retry),
      map((video) => ({ status, jobId, video })),
    );
  };

  const life$ = (jobId: string, known: readonly Job[], options: WatchOptions): Observable<JobEvent> =>
    concat(of(...known), polled$(jobId, options)).pipe(
      takeWhile(({ status }) => !isOver(status), true),
      distinctUntilChanged((a, b) => a.status === b.status),
      switchMap((job) => outcome$(job, options)),
      options.budgetMs === undefined ? (events$) => events$ : takeUntil(overBudget$(deps, jobId, options.budgetMs)),
    );

  const jobs$: QueueClient['jobs$'] = (model, input, options = {}) =>
    defer(() => {
      checkWatchOptions(options);
      return submit$(model, input, options).pipe(
        concatMap((event) => ('jobId' in event ? life$(event.jobId, [event], options) : of(event))),
        abortable(deps, options.signal),
      );
    });

  return {
    submit: (model, input, options = {}) =>
      promised(deps, submit$(model, input, options).pipe(filter((event) => 'jobId' in event)), options.signal),
    status: (jobId, options = {}) =>
      promised(
        deps,
        checked$(jobId, options, () => status$(jobId, options)),
        options.signal,
      ),
    result: (jobId, options = {}) =>
      promised(
        deps,
        checked$(jobId, options, () => result$(jobId, options)),
        options.signal,
      ),
    submitAndPoll: (model, input, options = {}) =>
      promised(deps, jobs$(model, input, options).pipe(last(), filter(isResult)), options.signal),
    jobs$,
    watch$: (jobId, options = {}) =>
      checked$(jobId, options, () => life$(jobId, [], options).pipe(abortable(deps, options.signal))),
  };
}

const jobPath = (jobId: string): string => `/v1/jobs/${encodeURIComponent(jobId)}`;

const checked$ = <T>(jobId: string, options: WatchOptions, call$: () => Observable<T>): Observable<T> =>
  defer(() => {
    // Dots alone would climb out of the path.
    if (typeof jobId !== 'string' || !/[^.\s]/.test(jobId)) throw invalidInput('jobId', 'expected the id of a job');
    checkWatchOptions(options);
    return call$();
  });

const overBudget$ = (deps: RestDeps, jobId: string, budgetMs: number): Observable<never> =>
  timer(budgetMs, deps.scheduler).pipe(
    switchMap(() =>
      throwError(
        () =>
          new DecartError({
            code: 'QUEUE_STATUS_ERROR',
            message: `The job did not end within ${budgetMs} ms (budgetMs). It goes on: follow it with queue.watch$().`,
            data: { jobId, reason: 'timeout', status: null, text: '', retryAfterMs: null },
          }),
      ),
    ),
  );

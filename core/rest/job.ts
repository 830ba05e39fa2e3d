import * as t from 'io-ts';
import type { HttpResponse } from '../ports/http.js';
import { decodeAnswer, type RestCall, type RestDeps } from './call.js';

/** `processing` also stands for any newer status of a job that has not ended. */
export type JobStatus = 'pending' | 'processing' | 'completed' | 'failed';

/** A job as the service last reported it. */
export interface Job {
  /** The service’s id of it. */
  readonly jobId: string;
  /** How far it is. */
  readonly status: JobStatus;
  /** Why it failed, when the service says so. */
  readonly error: string | null;
}

/** How a job ended. A failed job is a result too. */
export type JobResult =
  /** `video`: an MP4; of an image model the image. */
  | { readonly status: 'completed'; readonly jobId: string; readonly video: Blob }
  | { readonly status: 'failed'; readonly jobId: string; readonly error: string | null };

/** One step in the life of a job. `bytesTotal` counts the whole form; `null` when a stream hides its length. */
export type JobEvent =
  | { readonly status: 'uploading'; readonly bytesSent: number; readonly bytesTotal: number | null }
  | { readonly status: 'pending'; readonly jobId: string }
  | { readonly status: 'processing'; readonly jobId: string }
  | JobResult;

const jobAnswer = t.intersection([t.type({ job_id: t.string, status: t.string }), t.partial({ error: t.unknown })]);

/** A word that is not known is one on the way: only two end a job. */
const statusOf = (word: string): JobStatus =>
  word === 'pending' || word === 'completed' || word === 'failed' ? word : 'processing';

/** From the wire's form to ours. */
export const jobOf = (deps: RestDeps, response: HttpResponse, call: RestCall): Job => {
  const { job_id: jobId, status, error } = decodeAnswer(jobAnswer, response, call);
  return {
    jobId,
    status: statusOf(status),
    error: typeof error === 'string' ? (deps.secrets?.strike(error) ?? error) : null,
  };
};

/** Whether nothing more will happen to a job. */
export const isOver = (status: JobStatus): boolean => status === 'completed' || status === 'failed';

/** Whether an event is the last of its job. */
export const isResult = (event: JobEvent): event is JobResult =>
  event.status === 'completed' || event.status === 'failed';

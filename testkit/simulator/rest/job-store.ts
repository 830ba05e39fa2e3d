import { randomUUID } from 'node:crypto';
import { type SchedulerLike, Subscription, timer } from 'rxjs';
import { ImageModels } from '../../../core/job-models.js';
import { mediaTypeOfBytes } from '../../../core/rest/media-type.js';
import { Refusal } from './answer.js';
import { checkJobForm } from './form-rules.js';
import type { ReceivedForm } from './receive-form.js';
import { sampleMp4 } from './sample-mp4.js';
import { samplePng } from './sample-png.js';

export interface JobTimings {
  /** Time a job is `pending`. Default 200. */
  readonly pendingMs: number;
  /** Time a job is `processing`. Default 800. */
  readonly processingMs: number;
}

/** A job of the queue, as it stands. */
export interface SimulatedJob {
  /** What a client knows as `jobId`. */
  readonly id: string;
  /** The model's name, as in the request's path. */
  readonly model: string;
  /** `completed` and `failed` are final. */
  readonly status: 'pending' | 'processing' | 'completed' | 'failed';
  /** Why it failed; `null` unless it did. */
  readonly error: string | null;
  /** The text fields of its form. */
  readonly fields: Readonly<Record<string, string>>;
  /** The size of each file of the form, in bytes. */
  readonly fileBytes: Readonly<Record<string, number>>;
}

/** @internal */
export interface JobStore {
  /** @param error the job will end as `failed` with this; `null`: it will be completed. */
  submit(model: string, form: ReceivedForm, error: string | null): SimulatedJob;
  get(id: string): SimulatedJob;
  /** The video or image: the one that was sent, when it is MP4 or an image and was small enough to keep; else a sample. */
  result(id: string): Uint8Array;
  readonly jobs: readonly SimulatedJob[];
  close(): void;
}

/** More jobs are forgotten, and more bytes of videos (their results are then the sample), the oldest first. */
const MOST_JOBS = 1_000;
const KEPT_BYTES = 128 * 1024 * 1024;

const isImage = (model: string): boolean => ImageModels.fromName(model) !== undefined;

/** @internal */
export function createJobStore(scheduler: SchedulerLike, timings: JobTimings): JobStore {
  const jobs = new Map<string, SimulatedJob>();
  const videos = new Map<string, Uint8Array>();
  const timers = new Subscription();

  const get = (id: string): SimulatedJob => {
    const job = jobs.get(id);
    if (job === undefined) throw new Refusal(404, 'Job not found');
    return job;
  };
  const after = (delayMs: number, run: () => void): void => {
    const wait = timer(delayMs, scheduler).subscribe(() => {
      timers.remove(wait);
      run();
    });
    timers.add(wait);
  };
  const change = (id: string, change: Partial<SimulatedJob>): void => {
    const job = jobs.get(id);
    if (job !== undefined) jobs.set(id, { ...job, ...change });
  };
  const forgetOldest = (): void => {
    for (const id of jobs.keys()) {
      if (jobs.size <= MOST_JOBS) break;
      jobs.delete(id);
      videos.delete(id);
    }
    let kept = [...videos.values()].reduce((sum, { length }) => sum + length, 0);
    for (const [id, { length }] of videos) {
      if (kept <= KEPT_BYTES) break;
      videos.delete(id);
      kept -= length;
    }
  };

  return {
    submit: (model, form, error) => {
      checkJobForm(model, form);
      const id = `job_${randomUUID()}`;
      const sizes = [...form.files].map(([name, { sizeBytes }]) => [name, sizeBytes]);
      const job: SimulatedJob = {
        id,
        model,
        status: 'pending',
        error: null,
        fields: Object.fromEntries(form.fields),
        fileBytes: Object.fromEntries(sizes),
      };
      jobs.set(id, job);
      const sent = form.files.get('data')?.bytes ?? null;
      if (sent !== null && (isImage(model) ? /^image\// : /^video\/mp4$/).test(mediaTypeOfBytes(sent)))
        videos.set(id, sent);
      forgetOldest();
      after(timings.pendingMs, () => {
        change(id, { status: 'processing' });
        after(timings.processingMs, () =>
          change(id, error === null ? { status: 'completed' } : { status: 'failed', error }),
        );
      });
      return job;
    },
    get,
    result: (id) => {
      const { status, model } = get(id);
      if (status !== 'completed') throw new Refusal(409, `The job is ${status}, not completed`);
      return videos.get(id) ?? (isImage(model) ? samplePng() : sampleMp4());
    },
    get jobs() {
      return [...jobs.values()];
    },
    close: () => {
      timers.unsubscribe();
      jobs.clear();
      videos.clear();
    },
  };
}

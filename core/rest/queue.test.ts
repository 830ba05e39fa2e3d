import { defer, from, NEVER, type Observable, of, retry } from 'rxjs';
import { type RunHelpers, TestScheduler } from 'rxjs/testing';
import { DecartError } from '../errors.js';
import type { HttpEvent, HttpRequest } from '../ports/http.js';
import type { RestDeps } from './call.js';
import type { JobEvent } from './job.js';
import { createQueueClient, type QueueClient } from './queue.js';
import type { RetryOptions } from './retry.js';

const KEY = 'CANARY-key';
const bytes = new Uint8Array([1, 2, 3]);
const input = { data: bytes, prompt: 'as a watercolour' };
const video = new Blob(['mp4']);

const text = (body: string, status = 200, headers: Record<string, string> = {}): HttpEvent => ({
  type: 'response',
  status,
  headers,
  body: { type: 'text', text: body },
});
const job = (status: string, more: object = {}): HttpEvent =>
  text(JSON.stringify({ job_id: 'j1', status, surplus: 1, ...more }));
const content: HttpEvent = { type: 'response', status: 200, headers: {}, body: { type: 'blob', blob: video } };
const lost = (reason: 'unreachable' | 'interrupted'): HttpEvent => ({ type: 'failed', reason, message: 'gone' });
const progress = (bytesSent: number): HttpEvent => ({ type: 'uploadProgress', bytesSent, bytesTotal: 9 });

/** What the server does with each call of a kind, in turn; after the last it falls silent. */
type Script = Readonly<Record<string, readonly (HttpEvent | Observable<HttpEvent>)[]>>;

interface Bench extends RunHelpers {
  readonly serve: (script: Script, more?: Partial<RestDeps>) => QueueClient;
  /** When each call of a kind came, in ms. */
  readonly times: (kind: string) => number[];
  /** What the observable errors with, after all time has passed. */
  readonly errorOf: (events$: Observable<unknown>) => DecartError | undefined;
}

const kindOf = ({ method, url }: HttpRequest): string => {
  if (method === 'POST') return 'submit';
  return url.endsWith('/content') ? 'result' : 'status';
};

/** Runs under virtual time. */
function run(test: (bench: Bench) => void): void {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  scheduler.run((helpers) => {
    const seen: { atMs: number; kind: string }[] = [];
    const serve: Bench['serve'] = (script, more) => {
      const counts = new Map<string, number>();
      const request: RestDeps['http']['request'] = (asked) =>
        defer(() => {
          const kind = kindOf(asked);
          const nth = counts.get(kind) ?? 0;
          counts.set(kind, nth + 1);
          seen.push({ atMs: scheduler.now(), kind });
          const answer = script[kind]?.[nth] ?? NEVER;
          return 'type' in answer ? of(answer) : answer;
        });
      return createQueueClient({
        baseUrl: 'http://host',
        apiKey: KEY,
        userAgent: 'test',
        scheduler,
        http: { request },
        ...more,
      });
    };
    const times = (kind: string): number[] => seen.filter((call) => call.kind === kind).map(({ atMs }) => atMs);
    const errorOf = (events$: Observable<unknown>): DecartError | undefined => {
      let error: DecartError | undefined;
      events$.subscribe({
        error: (reason: DecartError) => {
          error = reason;
        },
      });
      helpers.flush();
      return error;
    };
    test({ ...helpers, serve, times, errorOf });
  });
}

const values: Record<string, JobEvent> = {
  u: { status: 'uploading', bytesSent: 0, bytesTotal: 9 },
  U: { status: 'uploading', bytesSent: 9, bytesTotal: 9 },
  p: { status: 'pending', jobId: 'j1' },
  r: { status: 'processing', jobId: 'j1' },
  c: { status: 'completed', jobId: 'j1', video },
  f: { status: 'failed', jobId: 'j1', error: 'too dark' },
};

describe('jobs$', () => {
  it('shows the whole life of a job: first poll after 0.5 s, then every 1.5 s', () => {
    run(({ serve, times, expectObservable, flush }) => {
      const queue = serve({
        submit: [from([progress(0), progress(9), job('pending')])],
        status: [job('pending'), job('processing'), job('completed')],
        result: [content],
      });
      expectObservable(queue.jobs$('lucy-2.1', input)).toBe('(uUp) 1995ms r 1499ms (c|)', values);
      flush();
      expect(times('status')).toEqual([500, 2000, 3500]);
    });
  });

  it('counts the pause from the answer on, and takes its times from the options', () => {
    run(({ serve, times, cold, expectObservable, flush }) => {
      const queue = serve({
        submit: [job('pending')],
        status: [cold('40ms (r|)', { r: job('processing') }), job('failed', { error: 'too dark' })],
      });
      const events$ = queue.jobs$('lucy-2.1', input, { firstPollDelayMs: 10, pollIntervalMs: 100 });
      expectObservable(events$).toBe('p 49ms r 99ms (f|)', values);
      flush();
      expect(times('status')).toEqual([10, 150]);
    });
  });

  it('does not poll a job that is over at once; a failed job is a result', () => {
    run(({ serve, times, expectObservable, flush }) => {
      const queue = serve({ submit: [job('failed', { error: 'too dark' })] });
      expectObservable(queue.jobs$('lucy-2.1', input)).toBe('(f|)', values);
      flush();
      expect(times('status')).toEqual([]);
    });
  });

  it('is cold: each subscription submits a job of its own, none submits before', () => {
    run(({ serve, times }) => {
      const events$ = serve({ submit: [job('failed'), job('failed')] }).jobs$('lucy-2.1', input);
      expect(times('submit')).toEqual([]);
      events$.subscribe();
      events$.subscribe();
      expect(times('submit')).toEqual([0, 0]);
    });
  });

  it('starts a new job under retry()', () => {
    run(({ serve, expectObservable }) => {
      const queue = serve({ submit: [text('no', 500), job('failed', { error: 'too dark' })] });
      expectObservable(queue.jobs$('lucy-2.1', input).pipe(retry({ count: 1, delay: 100 }))).toBe('100ms (f|)', values);
    });
  });

  it('stops the upload when unsubscribed from', () => {
    run(({ serve, cold, expectObservable, expectSubscriptions }) => {
      const upload$ = cold<HttpEvent>('u', { u: progress(0) });
      expectObservable(serve({ submit: [upload$] }).jobs$('lucy-2.1', input), '100ms !').toBe('u', values);
      expectSubscriptions(upload$.subscriptions).toBe('^ 99ms !');
    });
  });

  it('stops a poll under way, and polls no more, when unsubscribed from', () => {
    run(({ serve, times, cold, expectObservable, expectSubscriptions, flush }) => {
      const poll$ = cold<HttpEvent>('-');
      const queue = serve({ submit: [job('pending')], status: [job('pending'), poll$] });
      expectObservable(queue.jobs$('lucy-2.1', input), '2100ms !').toBe('p', values);
      expectSubscriptions(poll$.subscriptions).toBe('2000ms ^ 99ms !');
      flush();
      expect(times('status')).toEqual([500, 2000]);
    });
  });

  it('stops a download when unsubscribed from', () => {
    run(({ serve, cold, expectObservable, expectSubscriptions }) => {
      const download$ = cold<HttpEvent>('-');
      const queue = serve({ submit: [job('completed')], result: [download$] });
      expectObservable(queue.jobs$('lucy-2.1', input), '30ms !').toBe('-');
      expectSubscriptions(download$.subscriptions).toBe('^ 29ms !');
    });
  });

  it('an abort errors with ABORTED and stops what is under way', () => {
    run(({ serve, cold, errorOf, expectSubscriptions }) => {
      const abort = new AbortController();
      const upload$ = cold<HttpEvent>('-');
      const events$ = serve({ submit: [upload$] }).jobs$('lucy-2.1', input, { signal: abort.signal });
      cold('10ms a').subscribe(() => abort.abort());
      expectSubscriptions(upload$.subscriptions).toBe('^ 9ms !');
      expect(errorOf(events$)).toMatchObject({ code: 'ABORTED', name: 'AbortError' });
    });
  });

  it('a budget bounds the wait for the job, not the upload', () => {
    run(({ serve, cold, times, errorOf }) => {
      const queue = serve({
        submit: [cold('20s (p|)', { p: job('pending') })],
        status: Array.from({ length: 99 }, () => job('pending')),
      });
      const error = errorOf(queue.jobs$('lucy-2.1', input, { budgetMs: 5000 }));
      expect(error).toMatchObject({ code: 'QUEUE_STATUS_ERROR', data: { jobId: 'j1', reason: 'timeout' } });
      expect(times('status')).toEqual([20_500, 22_000, 23_500]);
    });
  });
});

describe('passing failures', () => {
  const polls = (failures: readonly HttpEvent[]): Script => ({
    submit: [job('pending')],
    status: [...failures, job('failed', { error: 'too dark' })],
  });

  it.each<[string, HttpEvent]>([
    ['429', text('slow down', 429)],
    ['502', text('', 502)],
    ['503', text('', 503)],
    ['504', text('', 504)],
    ['a reset', lost('interrupted')],
    ['a server that is away', lost('unreachable')],
  ])('a poll is tried again after %s', (_, failure) => {
    run(({ serve, times, expectObservable, flush }) => {
      expectObservable(serve(polls([failure])).jobs$('lucy-2.1', input)).toBe('p 1499ms (f|)', values);
      flush();
      expect(times('status')).toEqual([500, 1500]);
    });
  });

  it('backs off, five times by default, and then gives up', () => {
    run(({ serve, times, errorOf }) => {
      const queue = serve(polls(Array.from({ length: 9 }, () => text('', 503))));
      expect(errorOf(queue.jobs$('lucy-2.1', input))).toMatchObject({
        code: 'QUEUE_STATUS_ERROR',
        data: { status: 503 },
      });
      expect(times('status')).toEqual([500, 1500, 3500, 7500, 15_500, 25_500]);
    });
  });

  it('takes a field that is undefined for one that is left out', () => {
    run(({ serve, times, errorOf }) => {
      const queue = serve(polls(Array.from({ length: 9 }, () => text('', 503))));
      const retry = {
        retries: undefined,
        initialDelayMs: undefined,
        factor: undefined,
        maxDelayMs: undefined,
        jitter: undefined,
      };
      expect(errorOf(queue.jobs$('lucy-2.1', input, { retry }))?.code).toBe('QUEUE_STATUS_ERROR');
      expect(times('status')).toEqual([500, 1500, 3500, 7500, 15_500, 25_500]);
    });
  });

  it.each([
    ['retry', null],
    ['retry', 5],
    ['retry.retries', { retries: Number.NaN }],
    ['retry.retries', { retries: 'x' }],
    ['retry.initialDelayMs', { initialDelayMs: -1 }],
    ['retry.factor', { factor: Number.NaN }],
    ['retry.maxDelayMs', { maxDelayMs: Number.POSITIVE_INFINITY }],
    ['retry.jitter', { jitter: -1e9 }],
  ])('refuses a wrong %s before any request: %p', (field, wrong) => {
    run(({ serve, times, errorOf }) => {
      const queue = serve({});
      const retry = wrong as RetryOptions;
      const refused = { code: 'INVALID_INPUT', data: { field } };
      expect(errorOf(queue.watch$('j1', { retry }))).toMatchObject(refused);
      expect(errorOf(queue.jobs$('lucy-2.1', input, { retry }))).toMatchObject(refused);
      expect([...times('submit'), ...times('status')]).toEqual([]);
    });
  });

  it('counts again after each response', () => {
    run(({ serve, times, flush }) => {
      const failure = text('', 503);
      const status = [failure, failure, job('pending'), failure, failure, job('failed')];
      const queue = serve({ submit: [job('pending')], status });
      queue.jobs$('lucy-2.1', input, { retry: { retries: 2 } }).subscribe();
      flush();
      expect(times('status')).toEqual([500, 1500, 3500, 5000, 6000, 8000]);
    });
  });

  it.each([
    ['seconds', '7', 7500],
    ['a date', new Date(4500).toUTCString(), 4000],
    ['a wait of an hour, cut to a minute', '3600', 60_500],
  ])('does as Retry-After says: %s', (_, header, secondPollMs) => {
    run(({ serve, times, flush }) => {
      serve(polls([text('', 429, { 'retry-after': header })]))
        .jobs$('lucy-2.1', input)
        .subscribe();
      flush();
      expect(times('status')).toEqual([500, secondPollMs]);
    });
  });

  it('a poll that hangs is given up and tried again', () => {
    run(({ serve, times, flush }) => {
      const queue = serve({ submit: [job('pending')], status: [NEVER, job('failed')] });
      queue.jobs$('lucy-2.1', input, { timeoutMs: 2000 }).subscribe();
      flush();
      expect(times('status')).toEqual([500, 3500]);
    });
  });

  it.each<[string, HttpEvent, string]>([
    ['404', text('no such job', 404), 'QUEUE_STATUS_ERROR'],
    ['500', text('bug', 500), 'QUEUE_STATUS_ERROR'],
    ['a refused key', text('', 401), 'INVALID_API_KEY'],
    ['an answer that is none', text('<html>'), 'QUEUE_STATUS_ERROR'],
  ])('a poll is not tried again after %s', (_, answer, code) => {
    run(({ serve, times, errorOf }) => {
      expect(errorOf(serve(polls([answer])).jobs$('lucy-2.1', input))?.code).toBe(code);
      expect(times('status')).toEqual([500]);
    });
  });

  it('a download is tried again too', () => {
    run(({ serve, expectObservable }) => {
      const queue = serve({ submit: [job('completed')], result: [lost('interrupted'), content] });
      expectObservable(queue.jobs$('lucy-2.1', input)).toBe('1s (c|)', values);
    });
  });

  it('a result without bytes is an error', () => {
    run(({ serve, errorOf }) => {
      const empty: HttpEvent = { ...content, body: { type: 'blob', blob: new Blob() } };
      const queue = serve({ submit: [job('completed')], result: [empty] });
      const { code, data } = errorOf(queue.jobs$('lucy-2.1', input)) ?? {};
      expect({ code, data }).toEqual({ code: 'QUEUE_RESULT_ERROR', data: { jobId: 'j1', status: 200 } });
    });
  });

  it.each<[string, HttpEvent]>([
    ['429', text('', 429)],
    ['503', text('', 503)],
    ['a reset', lost('interrupted')],
  ])('a submit is not sent again after %s', (_, failure) => {
    run(({ serve, times, errorOf }) => {
      expect(errorOf(serve({ submit: [failure] }).jobs$('lucy-2.1', input))?.code).toBe('QUEUE_SUBMIT_ERROR');
      expect(times('submit')).toEqual([0]);
    });
  });

  it('a submit that never arrived is sent again, twice', () => {
    run(({ serve, times, errorOf }) => {
      const away = from([progress(0), lost('unreachable')]);
      const error = errorOf(serve({ submit: [away, away, away, away] }).jobs$('lucy-2.1', input));
      expect(error).toMatchObject({ code: 'QUEUE_SUBMIT_ERROR', data: { reason: 'unreachable', status: null } });
      expect(times('submit')).toEqual([0, 250, 750]);
    });
  });

  it('a stream that can be read once is not sent again after a failure', () => {
    run(({ serve, times, errorOf }) => {
      const data = (async function* () {
        yield bytes;
      })();
      const events$ = serve({ submit: [lost('unreachable')] }).jobs$('lucy-2.1', { ...input, data });
      expect(errorOf(events$)?.code).toBe('QUEUE_SUBMIT_ERROR');
      expect(times('submit')).toEqual([0]);
    });
  });

  it('silence ends an upload; one that moves may take its time', () => {
    run(({ serve, cold, errorOf, expectObservable }) => {
      const moving$ = cold('50s u 50s (f|)', { u: progress(0), f: job('failed', { error: 'too dark' }) });
      const stuck$ = cold('50s u', { u: progress(0) });
      expectObservable(serve({ submit: [moving$] }).jobs$('lucy-2.1', input)).toBe('50s u 50s (f|)', values);
      expect(errorOf(serve({ submit: [stuck$] }).jobs$('lucy-2.1', input))).toMatchObject({
        code: 'QUEUE_SUBMIT_ERROR',
        data: { reason: 'timeout' },
      });
    });
  });
});

describe('a status that is not known', () => {
  it('is taken for processing: only completed and failed end a job', () => {
    run(({ serve, expectObservable }) => {
      const status = [job('warming_up'), job('processing'), job('warming_up'), job('failed', { error: 'too dark' })];
      const queue = serve({ submit: [job('queued')], status });
      expectObservable(queue.jobs$('lucy-2.1', input)).toBe('r 4999ms (f|)', values);
    });
  });
});

describe('a client that is released', () => {
  it('ends what polls, and starts nothing more', () => {
    run(({ serve, cold, expectObservable }) => {
      const error = new DecartError({ code: 'ABORTED', message: 'released' });
      const released$ = cold('700ms a', { a: error });
      const queue = serve({ submit: [job('pending')], status: [job('pending')] }, { released$ });
      expectObservable(queue.jobs$('lucy-2.1', input)).toBe('p 699ms #', values, error);
      expectObservable(serve({}, { released$: of(error) }).watch$('j1')).toBe('#', values, error);
    });
  });
});

describe('a job that is already there', () => {
  it('is taken up by watch$', () => {
    run(({ serve, expectObservable }) => {
      const queue = serve({ status: [job('processing'), job('completed')], result: [content] });
      expectObservable(queue.watch$('j1')).toBe('500ms r 1499ms (c|)', values);
    });
  });

  it.each(['', ' ', '.', '..'])('has no id like %j', (jobId) => {
    run(({ serve, times, errorOf }) => {
      expect(errorOf(serve({}).watch$(jobId))).toMatchObject({ code: 'INVALID_INPUT', data: { field: 'jobId' } });
      expect(times('status')).toEqual([]);
    });
  });
});

describe('errors', () => {
  it("carry status, code and the server's text cut at 500 characters, never the key", () => {
    run(({ serve, errorOf }) => {
      const answer = text(`${KEY} ${'x'.repeat(470)} ${KEY} ${'y'.repeat(900)}`, 422);
      const error = errorOf(serve({ submit: [answer] }).jobs$('lucy-2.1', input));
      expect(error).toMatchObject({
        code: 'QUEUE_SUBMIT_ERROR',
        permanent: true,
        data: { status: 422, reason: 'status' },
      });
      expect(error?.data?.text).toHaveLength(500);
      expect(error?.data?.text).toMatch(/^\*\*\* x+ \*\*\* y+$/);
      expect(`${error?.message}${error?.stack}${JSON.stringify(error)}`).not.toContain(KEY);
    });
  });

  it('keep a cause, without the key', () => {
    run(({ serve, errorOf }) => {
      const withCause = (message: string): HttpEvent => ({
        type: 'failed',
        reason: 'interrupted',
        message: 'gone',
        cause: new Error('outer', { cause: new Error(message) }),
      });
      const queue = serve({ submit: [withCause('harmless'), withCause(`header ${KEY}`)] });
      expect(errorOf(queue.jobs$('lucy-2.1', input))?.cause).toMatchObject({ message: 'outer' });
      expect(errorOf(queue.jobs$('lucy-2.1', input))?.cause).toMatchObject({
        message: 'outer',
        cause: { message: 'header ***' },
      });
    });
  });

  it('a key that was kept too long is replaced, once', () => {
    run(({ serve, errorOf, times }) => {
      const refused = text('expired', 401);
      const forgotten: string[] = [];
      const asked = (keeps: boolean) => {
        let nth = 0;
        const apiKey = Object.assign(() => `key-${++nth}`, {
          forget: (key: string) => {
            forgotten.push(key);
            return keeps;
          },
        });
        return serve({ submit: [refused, refused] }, { apiKey });
      };
      expect(errorOf(asked(true).jobs$('lucy-2.1', input))?.code).toBe('INVALID_API_KEY');
      expect(errorOf(asked(false).jobs$('lucy-2.1', input))?.code).toBe('INVALID_API_KEY');
      expect(forgotten).toEqual(['key-1', 'key-1']);
      expect(times('submit')).toHaveLength(3);
    });
  });
});

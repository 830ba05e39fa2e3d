import { VirtualTimeScheduler } from 'rxjs';
import { createFileStore } from './file-store.js';
import { createJobStore } from './job-store.js';
import type { ReceivedForm } from './receive-form.js';

/** A form whose file claims this size: what is kept is counted, not copied. */
function form(name: string, sizeBytes: number, head: readonly number[] = []): ReceivedForm {
  const bytes = new Uint8Array(sizeBytes);
  bytes.set(head);
  const file = { filename: 'f', mimeType: 'video/mp4', sizeBytes, bytes };
  return { fields: new Map([['prompt', 'p']]), files: new Map([[name, file]]) };
}

const MB = 1024 * 1024;
const MP4 = [0, 0, 0, 16, ...Buffer.from('ftypisom')];
const timings = { pendingMs: 1, processingMs: 1 };

test('files go when they expire or there are too many, the oldest first', () => {
  const scheduler = new VirtualTimeScheduler();
  const files = createFileStore(scheduler);
  const add = () => String(files.add(form('file', 50 * MB)).id);
  const [first, second] = [add(), add()];
  const third = add();
  expect([first, second, third].map((id) => files.has(id))).toEqual([false, true, true]);
  for (let i = 0; i < 1_000; i += 1) files.add(form('file', 1));
  expect([second, third].map((id) => files.has(id))).toEqual([false, false]);
  expect(files.bytes(second)).toBeNull();
});

test('jobs go when there are too many, and their timers harm nobody', () => {
  const scheduler = new VirtualTimeScheduler();
  const jobs = createJobStore(scheduler, timings);
  const ids = Array.from({ length: 1_001 }, () => jobs.submit('lucy-2.1', form('data', 1), null).id);
  expect(jobs.jobs.map(({ id }) => id)).toEqual(ids.slice(1));
  scheduler.flush();
  expect(new Set(jobs.jobs.map(({ status }) => status))).toEqual(new Set(['completed']));
  expect(() => jobs.get(ids[0] ?? '')).toThrow('Job not found');
});

test('the oldest videos go when there are too many bytes; their jobs end with the sample', () => {
  const scheduler = new VirtualTimeScheduler();
  const jobs = createJobStore(scheduler, timings);
  const ids = Array.from({ length: 3 }, () => jobs.submit('lucy-2.1', form('data', 50 * MB, MP4), null).id);
  scheduler.flush();
  const lengths = ids.map((id) => jobs.result(id).length);
  expect(lengths.slice(1)).toEqual([50 * MB, 50 * MB]);
  expect(lengths[0]).toBeLessThan(MB);
});

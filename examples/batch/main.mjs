// Sends a folder of clips through the queue, a few at a time, with a progress bar for each.
//
//   DECART_API_KEY=… node examples/batch/main.mjs IN OUT --prompt "as a watercolour" [--model lucy-2.1] [--at-once 2]
//
// It can be stopped at any time (Ctrl+C) and started again: clips that are done are skipped, and jobs that were
// submitted are taken up where they are, not paid for twice.
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createDecartClient } from 'decart-rx/node';
import { catchError, concatMap, defer, EMPTY, from, mergeMap } from 'rxjs';
import { openJournal } from './journal.mjs';
import { createProgress } from './progress.mjs';

const CLIP = /\.(mp4|mov|webm|mkv)$/i;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    prompt: { type: 'string', default: '' },
    model: { type: 'string', default: 'lucy-2.1' },
    'at-once': { type: 'string', default: '2' },
  },
});
const [from_, to] = positionals;
if (from_ === undefined || to === undefined) {
  console.error('Usage: main.mjs IN OUT [--prompt TEXT] [--model NAME] [--at-once N]');
  process.exit(2);
}

const { DECART_API_KEY = '', DECART_HTTP_BASE_URL } = process.env;
const client = createDecartClient({
  apiKey: DECART_API_KEY,
  ...(DECART_HTTP_BASE_URL && { httpBaseUrl: DECART_HTTP_BASE_URL }),
});

await mkdir(to, { recursive: true });
const { model, prompt } = values;
const journal = await openJournal(join(to, 'batch.json'), { model, prompt });
const done = new Set(await readdir(to));
const clips = (await readdir(from_)).filter((name) => CLIP.test(name)).sort();
const outputOf = (clip) => `${clip.replace(/\.\w+$/, '')}.mp4`;
const left = clips.filter((clip) => !done.has(outputOf(clip)));
const progress = createProgress(left);
let failed = 0;

/** The life of one clip: the rest of a job that an earlier run submitted, or a job from its beginning. */
const lifeOf = (clip) => {
  const newJob$ = client.queue.jobs$(model, { data: join(from_, clip), prompt });
  const jobId = journal.jobOf(clip);
  if (jobId === undefined) return newJob$;
  // The service may have forgotten the job.
  return client.queue
    .watch$(jobId)
    .pipe(catchError((error) => (error.data?.status === 404 ? newJob$ : throwOn(error))));
};

const throwOn = (error) => {
  throw error;
};

const keep = async (clip, event) => {
  if (event.jobId !== undefined) await journal.submitted(clip, event.jobId);
  if (event.status === 'failed') {
    await journal.forget(clip);
    throw new Error(event.error ?? 'the job failed');
  }
  if (event.status !== 'completed') return;
  // Under another name until it is whole: a file with its real name is a clip that is done.
  const output = join(to, outputOf(clip));
  await writeFile(`${output}.part`, Buffer.from(await event.video.arrayBuffer()));
  await rename(`${output}.part`, output);
  await journal.forget(clip);
};

const work$ = from(left).pipe(
  mergeMap(
    (clip) =>
      defer(() => lifeOf(clip)).pipe(
        // Shown once it is written: stopping at any line that was shown loses nothing.
        concatMap((event) => keep(clip, event).then(() => progress.show(clip, event))),
        catchError((error) => {
          failed += 1;
          progress.fail(clip, error.message);
          return EMPTY;
        }),
      ),
    Number(values['at-once']),
  ),
);

const end = async (code) => {
  progress.end();
  await client.release();
  process.exitCode = code;
};
const running = work$.subscribe({
  complete: () => {
    console.log(
      `${left.length - failed} of ${clips.length} done now, ${clips.length - left.length} before, ${failed} failed.`,
    );
    end(failed === 0 ? 0 : 1);
  },
});
process.once('SIGINT', () => {
  running.unsubscribe();
  end(130);
});

import { readFile, rename, writeFile } from 'node:fs/promises';

/** Remembers, in a file, which job belongs to which clip. Jobs of other settings are of no use and are forgotten. */
export async function openJournal(path, settings) {
  const read = async () => {
    const journal = JSON.parse(await readFile(path, 'utf8'));
    return JSON.stringify(journal.settings) === JSON.stringify(settings) ? journal.jobs : {};
  };
  // No journal, or one that was cut short: every clip is new.
  const jobs = new Map(Object.entries(await read().catch(() => ({}))));

  // One after the other: two writes at once would tear the file.
  let writing = Promise.resolve();
  const write = () => {
    writing = writing.then(async () => {
      await writeFile(`${path}.part`, JSON.stringify({ settings, jobs: Object.fromEntries(jobs) }, null, 2));
      await rename(`${path}.part`, path);
    });
    return writing;
  };
  return {
    jobOf: (clip) => jobs.get(clip),
    submitted: async (clip, jobId) => {
      if (jobs.get(clip) === jobId) return;
      jobs.set(clip, jobId);
      await write();
    },
    forget: async (clip) => {
      if (jobs.delete(clip)) await write();
    },
  };
}

// What a run found, as rows that other tools read: one for each subject, the last one counts.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Rows of this run replace those of the same area, subject and version; the others stay. */
export function writeResults(file, rows) {
  const isSame = (a, b) => a.area === b.area && a.subject === b.subject && a.version === b.version;
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  const kept = before.filter((old) => !rows.some((row) => isSame(row, old)));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify([...kept, ...rows], null, 2)}\n`);
}

/** A row: `{ area, subject, version, result: 'works' | 'fails' | 'skipped', detail, date }`. */
export const resultRow = (area, subject, version, result, detail) => ({
  area,
  subject,
  version,
  result,
  detail,
  date: new Date().toISOString().slice(0, 10),
});

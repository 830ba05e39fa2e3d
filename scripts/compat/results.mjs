// The rows of docs/compatibility.json, and the page that is written from them.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Row
 * @property {string} area a table of the page
 * @property {string} subject what was tried; with `area`, the row's key
 * @property {string} version of what was tried
 * @property {'works' | 'fails' | 'skipped'} result
 * @property {string} detail what was seen, or why it was not
 * @property {string} date of the run, YYYY-MM-DD
 */

const docs = new URL('../../docs/', import.meta.url);
const resultsFile = fileURLToPath(new URL('compatibility.json', docs));
const pageFile = fileURLToPath(new URL('compatibility.md', docs));
const results = ['works', 'fails', 'skipped'];

/** Tables in this order; others follow by name. */
const areas = [
  'Package managers',
  'Bundlers and frameworks',
  'Test runners',
  'TypeScript',
  'Node and other runtimes',
  'Browsers',
  'Peer dependencies',
  'Other SDKs on the simulator',
  'Other implementations of WebRTC',
  'Long runs',
];
const rank = ({ area }) => (areas.includes(area) ? areas.indexOf(area) : areas.length);

/** @returns {Row[]} */
export function readRows(file = resultsFile) {
  const rows = JSON.parse(readFileSync(file, 'utf8'));
  for (const row of rows) {
    for (const field of ['area', 'subject', 'version', 'detail', 'date']) {
      if (typeof row[field] !== 'string') throw new Error(`${file}: ${field} is missing in ${JSON.stringify(row)}.`);
    }
    if (!results.includes(row.result)) throw new Error(`${file}: result is not one of ${results.join(', ')}.`);
  }
  return rows;
}

/** A row takes the place of the one with its key; but one that was skipped says less than one that was not. */
export function mergeRows(kept, fresh) {
  const key = ({ area, subject }) => `${area}\n${subject}`;
  const rows = new Map(kept.map((row) => [key(row), row]));
  for (const row of fresh) {
    if (row.result !== 'skipped' || (rows.get(key(row))?.result ?? 'skipped') === 'skipped') rows.set(key(row), row);
  }
  return [...rows.values()].sort(
    (one, other) =>
      rank(one) - rank(other) || one.area.localeCompare(other.area) || one.subject.localeCompare(other.subject),
  );
}

const cell = (text) => text.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim();

function table(rows) {
  const lines = rows.map(({ subject, version, result, detail, date }) =>
    [subject, version, result, detail, date].map(cell).join(' | '),
  );
  return ['| What | Version | Result | Seen | Date |', '|---|---|---|---|---|', ...lines.map((line) => `| ${line} |`)];
}

function pageOf(rows) {
  const names = [...new Set(rows.map(({ area }) => area))];
  const tables = names.flatMap((name) => ['', `## ${name}`, '', ...table(rows.filter(({ area }) => area === name))]);
  return [
    '# What works with what',
    '',
    'Each row is the result of a run, on the day beside it, with the version that was tried. "Seen" says what the run did.',
    'Package managers, bundlers, test runners, runtimes and peers are tried from the packed tarballs in an empty project.',
    'Browsers run the tests of this repository; what a test needs and a browser lacks is named. Chromium runs all of them',
    'for every change, and has no rows here.',
    ...tables,
    '',
    '## To run it again',
    '',
    '`npm run compat` runs the checks and writes this page; `npm run compat -- NAMES` runs those whose names contain one of',
    'these, and `--list` shows them. `--results FILE` merges the rows that another script has written: `test:firefox`,',
    '`test:livekit-server` and `test:livekit-cluster` write them with `--results FILE`. What is not on a machine is skipped.',
    '',
  ].join('\n');
}

/** Keeps the rows, and writes the page. */
export function writeRows(rows) {
  writeFileSync(resultsFile, `${JSON.stringify(rows, null, 2)}\n`);
  writeFileSync(pageFile, pageOf(rows));
  const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');
  execFileSync(process.execPath, [biome, 'format', '--write', resultsFile, pageFile], { stdio: 'ignore' });
}

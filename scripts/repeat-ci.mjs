// Runs .ci/run several times in a row, each time in a fresh clone of what is committed here; every second time beside
// two busy loops. Writes a table. Usage: npm run ci:repeat -- [--runs 10] [--out FILE]
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({ options: { runs: { type: 'string', default: '10' }, out: { type: 'string' } } });
const busyLoops = 2;

async function runOnce(isBusy) {
  const folder = mkdtempSync(join(tmpdir(), 'decart-rx-ci-'));
  const loops = isBusy
    ? Array.from({ length: busyLoops }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }))
    : [];
  try {
    const cwd = join(folder, 'repository');
    execFileSync('git', ['clone', '--quiet', '--no-hardlinks', root, cwd]);
    const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd, encoding: 'utf8' }).trim();
    const log = join(folder, 'log');
    const file = openSync(log, 'w');
    const startedMs = performance.now();
    const run = spawn('.ci/run', { cwd, stdio: ['ignore', file, file] });
    const [code] = await once(run, 'close');
    closeSync(file);
    const minutes = (performance.now() - startedMs) / 60_000;
    const text = readFileSync(log, 'utf8');
    const counts = text.match(/^\d+ passed, \d+ failed, \d+ skipped$/gm)?.at(-1) ?? 'no count';
    const failures = [...new Set(text.match(/^ {2}● .+$/gm) ?? [])].map((line) => line.trim());
    if (code !== 0) console.error(text.split('\n').slice(-60).join('\n'));
    return { commit, isBusy, hasPassed: code === 0, minutes, counts, failures };
  } finally {
    for (const loop of loops) loop.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

const row = (...cells) => `| ${cells.join(' | ')} |`;
const head = ['run', 'commit', 'beside', 'result', 'minutes', 'tests', 'failures'];
const rows = [row(...head), row(...head.map(() => '---'))];
console.log(rows.join('\n'));
for (let number = 1; number <= Number(values.runs); number += 1) {
  const { commit, isBusy, hasPassed, minutes, counts, failures } = await runOnce(number % 2 === 0);
  const beside = isBusy ? `${busyLoops} busy loops` : 'nothing';
  const result = hasPassed ? 'passed' : 'FAILED';
  rows.push(row(number, commit, beside, result, minutes.toFixed(1), counts, failures.join('; ')));
  console.log(rows.at(-1));
  if (values.out) writeFileSync(values.out, `${rows.join('\n')}\n`);
  if (!hasPassed) process.exitCode = 1;
}

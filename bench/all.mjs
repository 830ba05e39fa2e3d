// Runs all benches, one after the other, and writes bench/RESULTS.md: the output of each, with its outcome, on which machine
// and with which versions. Takes about ten minutes on an idle machine.
// Usage: npm run build && node bench/all.mjs [--only core,connect]
// `--only` shows the results of these, and writes nothing.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, 'bench/RESULTS.md');
const LIMIT_MS = 10 * 60_000;

/** `floor`: what the numbers are beside. `hasGoals: false`: a bench that only shows its numbers. */
const benches = [
  { name: 'page-size', title: 'What a page loads first', floor: '@decartai/sdk', hasGoals: false },
  { name: 'core', title: 'The logic of a session', floor: 'JSON.parse alone', args: ['--check'] },
  { name: 'measurement', title: 'Latency markers and quality', floor: 'a copy of the luma plane' },
  { name: 'frames', title: 'Frames in Node', floor: 'a copy of the same bytes', hasGoals: false },
  {
    name: 'connect',
    title: 'Connect in Node',
    floor: 'the same by hand, with @livekit/rtc-node and ws',
    args: ['--check'],
  },
  {
    name: 'browser/run',
    title: 'Sessions in Chromium',
    floor: 'the same by hand, and @decartai/sdk',
    args: ['--rounds', '5', '--seconds', '5'],
    hasGoals: false,
  },
  {
    name: 'switch',
    title: 'Changes of sessions',
    floor: 'frames within a session',
    args: ['--switches', '10', '--check'],
  },
  { name: 'ten-sessions', title: 'Ten sessions at a time, in Node', args: ['--seconds', '10'] },
  { name: 'simulator', title: 'The simulator', args: ['--seconds', '5', '--cycles', '100'] },
  { name: 'upload', title: 'A large upload in Node', args: ['path'] },
];

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const wanted = values.only?.split(',');
const chosen = benches.filter(({ name }) => wanted === undefined || wanted.includes(name));

const versionOf = (name) => JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;
const versions = ['@decartai/sdk', '@livekit/rtc-node', 'livekit-client', 'rxjs'].map(
  (name) => `${name} ${versionOf(name)}`,
);
const chromium = spawnSync('chromium', ['--version'], { encoding: 'utf8' }).stdout?.trim();
const commit = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout?.trim();
const [{ model: processor }] = cpus();

function outcomeOf(status, hasGoals) {
  if (status === null) return 'it was ended after its time limit';
  if (status !== 0) return `exit code ${status}: ${hasGoals ? 'a goal is missed' : 'it failed'}`;
  return hasGoals ? 'its goals are met' : 'it has no goals';
}

/** Runs one; its errors are part of its output. */
function measure({ name, title, floor, args = [], hasGoals = true }) {
  const file = `bench/${name}.mjs`;
  console.log(`$ node ${file} ${args.join(' ')}`);
  const load = loadavg()[0].toFixed(1);
  const startedMs = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
    cwd: root,
    encoding: 'utf8',
    timeout: LIMIT_MS,
    maxBuffer: 1 << 26,
  });
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  const output = `${stdout ?? ''}${status === 0 ? '' : (stderr ?? '')}`.trim();
  const outcome = outcomeOf(status, hasGoals);
  const beside = floor ? ` Beside: ${floor}.` : '';
  return `## ${title}\n\n\`node ${[file, ...args].join(' ')}\`: ${seconds} s, load before it ${load}; ${outcome}.${beside}\n\n\`\`\`text\n${output}\n\`\`\`\n`;
}

const sections = chosen.map(measure);
if (wanted !== undefined) {
  console.log(`\n${sections.join('\n')}`);
  process.exit();
}
const gigabytes = Math.round(totalmem() / 2 ** 30);
writeFileSync(
  target,
  `# Results

Written by \`npm run bench\`. All of it is on loopback, so the numbers are those of the code, not of a network.

| what     | |
| -------- | --- |
| date     | ${new Date().toISOString().slice(0, 10)} |
| commit   | ${commit} |
| machine  | ${cpus().length} × ${processor.trim()}, ${gigabytes} GB, ${platform()} ${release()} ${arch()} |
| versions | Node ${process.version}, ${versions.join(', ')}${chromium ? `, ${chromium}` : ''} |

${sections.join('\n')}`,
);
const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');
spawnSync(process.execPath, [biome, 'format', '--write', target], { cwd: root });
console.log(`Written: bench/RESULTS.md, ${sections.length} benches.`);

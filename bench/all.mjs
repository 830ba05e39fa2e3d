// Runs all benches, one after the other, and writes bench/RESULTS.md: what each said, with its exit code, on which machine
// and with which versions. Takes about a quarter of an hour on an idle machine.
// Usage: npm run build && node bench/all.mjs [--only core,connect]
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, 'bench/RESULTS.md');
const LIMIT_MS = 10 * 60_000;

/** `floor`: what the numbers are beside. A bench whose file is not there is left out. */
const benches = [
  { name: 'page-size', title: 'What a page loads first', floor: '@decartai/sdk' },
  { name: 'core', title: 'The logic of a session', floor: 'JSON.parse alone' },
  { name: 'measurement', title: 'Latency markers and quality', floor: 'a copy of the luma plane' },
  { name: 'frames', title: 'Frames in Node', floor: 'a copy of the same bytes' },
  { name: 'connect', title: 'Connect in Node', floor: 'the same by hand, with @livekit/rtc-node and ws' },
  {
    name: 'browser/run',
    title: 'Sessions in Chromium',
    floor: 'the same by hand, and @decartai/sdk',
    args: ['--rounds', '5'],
  },
  { name: 'ten-sessions', title: 'Ten sessions at a time, in Node' },
  { name: 'simulator', title: 'The simulator', args: ['--seconds', '5', '--cycles', '100'] },
  { name: 'upload', title: 'A large upload in Node', args: ['path'] },
];

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const wanted = values.only?.split(',');
const chosen = benches.filter(
  ({ name }) => existsSync(join(root, 'bench', `${name}.mjs`)) && (wanted === undefined || wanted.includes(name)),
);

const versionOf = (name) => JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;
const versions = ['@decartai/sdk', '@livekit/rtc-node', 'livekit-client', 'rxjs'].map(
  (name) => `${name} ${versionOf(name)}`,
);
const chromium = spawnSync('chromium', ['--version'], { encoding: 'utf8' }).stdout?.trim();
const commit = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout?.trim();
const [{ model: processor }] = cpus();

/** Runs one; its errors are part of what it said. */
function measure({ name, title, floor, args = [] }) {
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
  const said = `${stdout ?? ''}${status === 0 ? '' : (stderr ?? '')}`.trim();
  const outcome =
    status === 0
      ? 'its goals are met'
      : status === null
        ? 'it was ended after its time limit'
        : `exit code ${status}: a goal is missed`;
  const beside = floor ? ` Beside: ${floor}.` : '';
  return `## ${title}\n\n\`node ${[file, ...args].join(' ')}\`: ${seconds} s, load before it ${load}; ${outcome}.${beside}\n\n\`\`\`text\n${said}\n\`\`\`\n`;
}

const sections = chosen.map(measure);
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

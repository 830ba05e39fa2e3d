// The official SDKs, unmodified, on the simulator, and another WebRTC as the far end of this one: their own test files.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run, Skipped } from '../project.mjs';

const area = 'Other SDKs on the simulator';

/** Runs a script of this project that runs jest, and counts what passed. */
async function countTests(program, args) {
  const folder = mkdtempSync(join(tmpdir(), 'decart-rx-sdk-'));
  const output = join(folder, 'results.json');
  try {
    const said = await run(process.execPath, [program, ...args, '--json', `--outputFile=${output}`], { cwd: root });
    if (said.startsWith('Skipped')) throw new Skipped(said.trim());
    const { numPassedTests } = JSON.parse(readFileSync(output, 'utf8'));
    if (numPassedTests === 0) throw new Skipped('No test ran.');
    return `${numPassedTests} ${numPassedTests === 1 ? 'test' : 'tests'} passed`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const versionOf = (name) => JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;

const python = {
  name: 'python-sdk',
  area,
  subject: 'Python: decart with livekit',
  run: async () => ({
    version: '0.2.4 with 1.2.1',
    detail: `${await countTests('scripts/python.mjs', ['sdk'])}: frames (H.264, VP9), prompts, images, reconnects, a viewer, tokens, jobs`,
  }),
};

const aiortc = {
  name: 'aiortc',
  area: 'Other implementations of WebRTC',
  subject: 'Python: aiortc, as the far end of a direct session',
  run: async () => ({
    version: '1.16.0',
    detail: `${await countTests('scripts/python.mjs', ['aiortc'])}: video both ways, prompts`,
  }),
};

const javascript = {
  name: 'javascript-sdk',
  area,
  subject: 'JavaScript: @decartai/sdk',
  run: async () => {
    const jest = ['--selectProjects', 'browser', '--maxWorkers=1', 'testkit/official-sdk'];
    return {
      version: versionOf('@decartai/sdk'),
      detail: `${await countTests('node_modules/jest/bin/jest.js', jest)} in Chromium: frames, prompts, images, the queue, reconnects`,
    };
  },
};

const direct = {
  name: 'javascript-sdk-direct',
  area,
  subject: 'JavaScript: @decartai/sdk, the last with direct WebRTC',
  run: async () => {
    const jest = ['--selectProjects', 'browser', '--maxWorkers=1', 'testkit/direct-sdk'];
    return {
      version: versionOf('decart-sdk-direct'),
      detail: `${await countTests('node_modules/jest/bin/jest.js', jest)} in Chromium`,
    };
  },
};

export const sdks = [python, aiortc, javascript, direct];

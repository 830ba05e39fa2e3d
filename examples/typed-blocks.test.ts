// Compiles the TypeScript of the README and of the pages in docs/ as a page's project would: against the built package.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { transform } from 'esbuild';

const root = join(__dirname, '..');
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => join('docs', name)),
];
const blocks = pages
  // Those for Angular are compiled by Angular: npm run test:angular.
  .filter((page) => page.endsWith('.md') && page !== join('docs', 'angular.md'))
  .flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(
      ([, code = ''], index) => [page, index + 1, code] as const,
    ),
  );

const compilerOptions = {
  target: 'es2022',
  lib: ['es2022', 'dom', 'dom.iterable'],
  module: 'esnext',
  moduleResolution: 'bundler',
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  // Those of livekit-client have errors; our own are checked with the packed package.
  skipLibCheck: true,
};

let project: string;
/** What the compiler has to say of each block, by its file. */
const said = new Map<string, string>();
const fileOf = (page: string, index: number): string => `${page.replace(/\W/g, '-')}-${index}.ts`;
// A page's project has no types of Node.
const usesNode = (code: string): boolean => code.includes("'decart-rx/node'");

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'decart-rx-blocks-'));
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(root, join(project, 'node_modules/decart-rx'));
  symlinkSync(join(root, 'testkit/simulator'), join(project, 'node_modules/decart-rx-simulator'));
  for (const name of ['rxjs', '@types'])
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
  // All in one go: a compiler for each would take a second for each.
  for (const isNode of [false, true]) {
    const files = blocks.filter(([, , code]) => usesNode(code) === isNode);
    const sources = new Map(files.map(([page, index, code]) => [fileOf(page, index), code]));
    const complaint = await compile(sources, isNode ? ['node'] : []);
    for (const line of complaint.split('\n')) {
      const [file = ''] = line.split('(');
      if (line !== '') said.set(file, `${said.get(file) ?? ''}${line}\n`);
    }
  }
});
afterAll(() => rmSync(project, { recursive: true }));

/** What the compiler has to say. */
const compile = (sources: ReadonlyMap<string, string>, types: readonly string[]): Promise<string> => {
  for (const [file, code] of sources) writeFileSync(join(project, file), code);
  const moduleDetection = 'force';
  const config = { compilerOptions: { ...compilerOptions, types, moduleDetection }, files: [...sources.keys()] };
  if (sources.size === 0) return Promise.resolve('');
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  return new Promise((resolve) => {
    execFile(process.execPath, [tsc, '--pretty', 'false'], { cwd: project }, (failure, stdout) =>
      resolve(failure ? stdout || failure.message : ''),
    );
  });
};
const complaints = (code: string): Promise<string> =>
  compile(new Map([['block.ts', code]]), usesNode(code) ? ['node'] : []);

it('the README and the pages about errors have some', () => {
  expect(blocks.map(([page]) => page)).toEqual(
    expect.arrayContaining(['README.md', join('docs', 'errors', 'LOAD_ERROR.md')]),
  );
});

it('the compiler speaks of blocks only', () => {
  const files = blocks.map(([page, index]) => fileOf(page, index));
  expect([...said.keys()].filter((file) => !files.includes(file))).toEqual([]);
});

it.each(blocks)('%s: TypeScript block %i compiles', async (page, index, code) => {
  expect(said.get(fileOf(page, index))).toBeUndefined();
  // As old as what Vite builds for by default: no top-level await, for one.
  await expect(transform(code, { loader: 'ts', target: 'es2020' })).resolves.toMatchObject({ warnings: [] });
});

it('undefined stands for the default, with exactOptionalPropertyTypes, too', async () => {
  const code = `
    import { createDecartClient } from 'decart-rx/browser';
    export async function start(signal: AbortSignal | undefined, enhance: boolean | undefined) {
      const { realtime, tokens } = createDecartClient({ apiKey: 'key', baseUrl: undefined, logger: undefined });
      await realtime.connect({ model: 'a-model-of-tomorrow', signal, initialPrompt: { text: 'a', enhance } });
      await realtime.setPrompt('b', { signal, enhance, timeoutMs: undefined });
      await realtime.set({ image: null, prompt: undefined, signal });
      await tokens.create({ expiresIn: undefined, signal });
    }`;
  expect(await complaints(code)).toBe('');
});

it.each([
  "realtime.connect({ model: 'lucy-2.1' }, 42)",
  "realtime.replaceVideoTrack('camera')",
  'realtime.set({})',
  'realtime.set({ prompt: null })',
])('%s does not compile', async (call) => {
  const code = `
    import { createDecartClient } from 'decart-rx/browser';
    const { realtime } = createDecartClient({ apiKey: 'key' });
    export const done = ${call};`;
  expect(await complaints(code)).toMatch(/^block\.ts.*error TS/);
});

it.each([
  ['browser', 'MediaStreamTrack', "import('decart-rx/node').NodeVideoTrack"],
  ['node', "import('decart-rx/node').NodeVideoTrack", 'Date'],
])('decart-rx/%s: a video track of another platform does not compile', async (entry, right, wrong) => {
  const withTrack = (type: string) => `
      import 'decart-rx/node';
      import { createDecartClient } from 'decart-rx/${entry}';
      const { realtime } = createDecartClient({ apiKey: 'key' });
      export const replace = (track: ${type}) => realtime.replaceVideoTrack(track);`;
  expect(await complaints(withTrack(right))).toBe('');
  expect(await complaints(withTrack(wrong))).toMatch(/^block\.ts\(5,\d+\): error TS.*'NodeVideoTrack'/s);
});

it('the data of an error is typed by its code', async () => {
  const withDetail = (detail: string) => `
    import { isDecartError } from 'decart-rx';
    export const closed = (error: unknown): number | undefined =>
      isDecartError(error, 'WEBRTC_WEBSOCKET_ERROR') ? error.data?.${detail} : undefined;`;
  expect(await complaints(withDetail('closeCode'))).toBe('');
  expect(await complaints(withDetail('code'))).toMatch(/^block\.ts.*error TS/);
});

it.each(['browser', 'node'])('decart-rx/%s: a source of local video that is none does not compile', async (entry) => {
  const withSource = (source: string) => `
      import { createDecartClient } from 'decart-rx/${entry}';
      const { realtime } = createDecartClient({ apiKey: 'key' });
      export const stream = realtime.createLocalVideoStream({ model: 'lucy-2.1' }, { source: '${source}' });`;
  expect(await complaints(withSource('test-pattern'))).toBe('');
  expect(await complaints(withSource('test-patern'))).toMatch(/^block\.ts.*'"test-patern"' is not assignable/);
});

// The REST calls and one session of ten seconds against the real service, held against its OpenAPI description:
//   DECART_API_KEY=… DECART_OPENAPI=decart-openapi.json npm run check:live
// It costs money, so it says how much and asks first; never in CI. `npm run check:live -- --simulator` does the same
// against the simulator. No build is needed. Without DECART_OPENAPI the calls are made and held against nothing.
// DECART_IMAGE names an image to use in place of one of a single pixel; DECART_CLIP a video: without one there is no job.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const SECONDS = 10;
const MODEL = 'lucy-2.5';
const { CI, DECART_API_KEY, DECART_CLIP, DECART_IMAGE, DECART_OPENAPI } = process.env;
const onSimulator = process.argv.includes('--simulator');
if (CI) stop('This check costs money: it is not for CI.');
if (!onSimulator && !DECART_API_KEY) stop('Set DECART_API_KEY to the key of your account, or pass --simulator.');

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = await loadSources();
const simulator = onSimulator ? await sources.startSimulator({ inProcess: true }) : null;
const apiKey = simulator?.apiKey ?? DECART_API_KEY;
const baseUrl = simulator?.httpBaseUrl ?? 'https://api.decart.ai';
if (!simulator) await agree();

const openApi = DECART_OPENAPI ? sources.readOpenApi(DECART_OPENAPI) : null;
if (openApi === null) console.log('DECART_OPENAPI is not set: the calls are held against no description.');
const client = sources.createDecartClient({
  apiKey,
  ...(simulator && { baseUrl: simulator.baseUrl, httpBaseUrl: baseUrl }),
});
const failures = [];
try {
  const http = sources.createNodeHttpTransport();
  const image = DECART_IMAGE ? new Uint8Array(await readFile(DECART_IMAGE)) : sources.samplePng();
  const video = DECART_CLIP ? new Uint8Array(await readFile(DECART_CLIP)) : null;
  const calls = await sources.makeCalls({ http, baseUrl, apiKey, image, video, everyModel: false });
  for (const { request, response } of [...calls.right, ...calls.wrong]) {
    console.log(`${response.status} ${request.method} ${request.url.slice(baseUrl.length)}`);
  }
  if (openApi) {
    const { differing, onPurpose } = sources.compare(openApi, baseUrl, calls, false);
    for (const text of onPurpose) console.log(`on purpose: ${text}`);
    failures.push(...differing);
  }
  failures.push(
    ...(await sources.checkSession({ client, http, baseUrl, apiKey, openApi, model: MODEL, seconds: SECONDS })),
  );
  console.log(`A session of ${SECONDS} s, and a viewer's way into it.`);
} catch (error) {
  failures.push(`${error.code ?? error.name}: ${error.message}`);
} finally {
  await client.release();
  await simulator?.close();
}
for (const text of failures) console.log(`FAILED: ${text}`);
console.log(failures.length === 0 ? 'All is as described.' : `${failures.length} failures.`);
process.exit(failures.length === 0 ? 0 : 1);

/** Says what it costs, and goes on with a yes alone. */
async function agree() {
  const perSecond = sources.modelPrices[MODEL];
  console.log(`A session of ${SECONDS} s with ${MODEL}: about $${(perSecond * (SECONDS + 2)).toFixed(2)}.`);
  console.log('One image, at the price of your account.');
  if (DECART_CLIP) console.log('One job for DECART_CLIP, at the price of your account.');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question('Go on? (yes) ');
  terminal.close();
  if (answer.trim().toLowerCase() !== 'yes') stop('Nothing was sent.');
}

/** The checks as they stand in the sources: no build is needed. */
async function loadSources() {
  const folder = await mkdtemp(join(root, 'node_modules', '.check-live-'));
  try {
    const outfile = join(folder, 'checks.mjs');
    const contents = [
      './adapters/node/index.js',
      './core/prices.js',
      './transports/http/node.js',
      './testkit/simulator/contract/openapi.js',
      './testkit/simulator/contract/rest-checks.js',
      './testkit/simulator/contract/session-check.js',
      './testkit/simulator/index.js',
      './testkit/simulator/rest/sample-png.js',
    ].map((path) => `export * from '${path}';`);
    await build({
      stdin: { contents: contents.join('\n'), resolveDir: root, loader: 'ts' },
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      // Names the folder of what is forked; nothing is: the simulator's media stays in this process.
      define: { __dirname: JSON.stringify(root) },
      logLevel: 'warning',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function stop(why) {
  console.log(why);
  process.exit(1);
}

// The simulator and the pages, together, on loopback. Usage: npm run demo:web -- --help
import { parseArgs } from 'node:util';
import { loadSimulator } from '../simulator.mjs';
import { openPageServer } from './page-server.mjs';

const usage = `npm run demo:web -- [options]

  --port N             port of the page; default 5173
  --mode restyle|echo  what the simulator does to the video; default restyle
  --queue N            places to wait for before a session starts; default 0
  --help               print this

Ends on Ctrl-C.
`;

async function main() {
  const { port, mode, queue, help } = readArguments();
  if (help) return void process.stdout.write(usage);

  const server = await openPageServer(port);
  const simulator = await startAll(server, { mode, queue }).catch(async (error) => {
    await server.close();
    throw error;
  });
  console.log(`Page:      ${server.url}browser/\nSimulator: ${simulator.baseUrl} (${mode})\nCtrl-C ends both.`);

  const stop = () => {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    Promise.all([server.close(), simulator.close()]).catch(fail);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
}

async function startAll(server, options) {
  // Loaded late, so that a missing build is reported like any other error.
  const [{ startSimulator }, { buildPages }] = await Promise.all([loadSimulator(), import('./build-pages.mjs')]);
  const files = await buildPages();
  const simulator = await startSimulator(options);
  server.publish(files, simulator);
  return simulator;
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '5173' },
      mode: { type: 'string', default: 'restyle' },
      queue: { type: 'string', default: '0' },
      help: { type: 'boolean', default: false },
    },
  });
  const { port, mode, queue, help } = values;
  if (mode !== 'restyle' && mode !== 'echo') throw new Error(`--mode: expected restyle or echo, got "${mode}".`);
  return { port: wholeNumber('port', port, 65_535), mode, queue: wholeNumber('queue', queue, 1_000), help };
}

function wholeNumber(name, text, most) {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= most) return value;
  throw new Error(`--${name}: expected a whole number from 0 to ${most}, got "${text}".`);
}

function fail(error) {
  const isUnbuilt = error?.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes('/dist/');
  console.error(`demo:web: ${isUnbuilt ? 'the package is not built yet: npm run build' : error.message}`);
  process.exitCode = 1;
}

main().catch(fail);

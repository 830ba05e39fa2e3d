// The simulator and the pages, together, on loopback. Usage: npm run demo:web -- --help
import { parseArgs } from 'node:util';

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

  // Loaded late, so that a missing build is told like any other error.
  const [{ startSimulator }, { buildPages }, { servePages }] = await Promise.all([
    import('decart-rx/testkit'),
    import('./build-pages.mjs'),
    import('./page-server.mjs'),
  ]);
  const [simulator, files] = await Promise.all([startSimulator({ mode, queue }), buildPages()]);
  const server = await servePages({ port, files, simulator }).catch(async (error) => {
    await simulator.close();
    throw error;
  });
  console.log(`Page:      ${server.url}browser/\nSimulator: ${simulator.baseUrl} (${mode})\nCtrl-C ends both.`);

  const stop = () => {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    Promise.all([server.close(), simulator.close()]).catch(fail);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
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

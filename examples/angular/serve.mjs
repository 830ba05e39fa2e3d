// The simulator and the app, together, on loopback. Usage: npm run demo:angular -- --help
import { parseArgs } from 'node:util';
import { loadSimulator } from '../simulator.mjs';
import { build, install, serve } from './project.mjs';

const usage = `npm run demo:angular -- [options]

  --port N             port of the app; default 4200
  --mode restyle|echo  what the simulator does to the video; default restyle
  --queue N            places to wait for before a session starts; default 0
  --help               print this

The first run installs Angular beside the app. Ends on Ctrl-C.
`;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4200' },
    mode: { type: 'string', default: 'restyle' },
    queue: { type: 'string', default: '0' },
    help: { type: 'boolean', default: false },
  },
});

async function main() {
  const { port, mode, queue, help } = values;
  if (help) return void process.stdout.write(usage);
  install();
  build();
  const { startSimulator } = await loadSimulator();
  const simulator = await startSimulator({ mode, queue: Number(queue) });
  const app = await serve(simulator, { port: Number(port) }).catch(async (error) => {
    await simulator.close();
    throw error;
  });
  console.log(`App:       ${app.url}\nSimulator: ${simulator.baseUrl} (${mode})\nCtrl-C ends both.`);
  const stop = async () => {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await app.close();
    await simulator.close();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
}

main().catch((error) => {
  console.error(`demo:angular: ${error.message}`);
  process.exitCode = 1;
});

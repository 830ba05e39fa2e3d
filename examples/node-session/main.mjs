// A session from Node, from the first frame to the last, against a simulator of the service.
import { createDecartClient, RealtimeModels } from 'decart-rx/node';
import { startSimulator } from 'decart-rx-simulator';
import { firstValueFrom } from 'rxjs';

// With a key of your own there is no simulator: createDecartClient({ apiKey: process.env.DECART_API_KEY })
const simulator = await startSimulator({ mode: 'restyle' });
const client = createDecartClient({ apiKey: simulator.apiKey, baseUrl: simulator.baseUrl });
const { realtime } = client;

// Ends the session with the process: an abandoned one would be billed for a while longer.
process.once('SIGTERM', async () => {
  await client.release();
  process.exit();
});

// State-like streams replay their present value; errors are emitted on a stream of their own.
realtime.connectionState$.subscribe((state) => console.log(`state: ${state}`));
realtime.errors$.subscribe((error) => console.error(`${error.code}: ${error.message}`));

// The input: a moving test pattern here; your own frames or a video file are sources, too.
const model = RealtimeModels.LUCY_2_1;
const camera = await realtime.createLocalVideoStream({ model }, { source: 'test-pattern' });

// The output: decoded I420 frames, always the latest.
const remote = await realtime.connect({ model, initialPrompt: { text: 'Watercolor at dawn' } }, camera);
const { width, height, data } = await firstValueFrom(remote.frames$);
console.log(`frame: ${width}x${height}, ${data.length} bytes`);

// Resolves when the service has acknowledged the prompt.
await realtime.setPrompt('Neon city at night');
console.log('prompt changed');

// Dispose of what you create; after this the process exits by itself.
await camera.dispose();
await client.release();
await simulator.close();

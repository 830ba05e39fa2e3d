// A session from Node, from the first frame to the last, against a simulator of the service.
import { createDecartClient, RealtimeModels } from 'decart-rx/node';
import { startSimulator } from 'decart-rx-simulator';
import { firstValueFrom } from 'rxjs';

// With a key of your own there is no simulator: createDecartClient({ apiKey: process.env.DECART_API_KEY })
const simulator = await startSimulator({ mode: 'restyle' });
const client = createDecartClient({ apiKey: simulator.apiKey, baseUrl: simulator.baseUrl });
const { realtime } = client;

// A process that goes away leaves no session behind, which would be billed on for a while.
process.once('SIGTERM', async () => {
  await client.release();
  process.exit();
});

// State-like streams replay their present value; errors come on a stream of their own.
realtime.connectionState$.subscribe((state) => console.log(`state: ${state}`));
realtime.errors$.subscribe((error) => console.error(`${error.code}: ${error.message}`));

// What goes in: a moving test pattern here; frames of your own or a video file are sources, too.
const model = RealtimeModels.LUCY_2_1;
const camera = await realtime.createLocalVideoStream({ model }, { source: 'test-pattern' });

// What comes back: decoded I420 frames, always the latest.
const remote = await realtime.connect({ model, initialPrompt: { text: 'Watercolor at dawn' } }, camera);
const { width, height, data } = await firstValueFrom(remote.frames$);
console.log(`frame: ${width}x${height}, ${data.length} bytes`);

// Resolves when the service has acknowledged it.
await realtime.setPrompt('Neon city at night');
console.log('prompt changed');

// Whoever makes something ends it; after this the process exits by itself.
await camera.dispose();
await client.release();
await simulator.close();

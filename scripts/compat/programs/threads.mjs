// A session in the main thread, and one more in a worker, where the native library is refused.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { createDecartClient } from 'decart-rx/node';
import { bufferCount, firstValueFrom } from 'rxjs';

const { DECART_BASE_URL: baseUrl, DECART_API_KEY: apiKey } = process.env;
const model = { name: 'lucy-2.1', urlPath: '/v1/stream', width: 320, height: 180, fps: 15 };
const client = createDecartClient({ apiKey, baseUrl });
const camera = await client.realtime.createLocalVideoStream({ model }, { source: 'test-pattern' });
const remote = await client.realtime.connect({ model }, camera);
await firstValueFrom(remote.frames$.pipe(bufferCount(5)));

const worker = new Worker(new URL('./media.mjs', import.meta.url));
const [error] = await once(worker, 'error');
assert.match(error.message, /thread/);
// The first session goes on.
await firstValueFrom(remote.frames$.pipe(bufferCount(10)));
await camera.dispose();
await client.release();

console.log('A session in a second thread of a process is refused, with an error that says so; the first goes on');

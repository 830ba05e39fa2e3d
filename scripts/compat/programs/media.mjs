// A session with real media in Node: a test pattern goes out, and comes back.
import assert from 'node:assert/strict';
import { createDecartClient } from 'decart-rx/node';
import { bufferCount, firstValueFrom } from 'rxjs';

const { DECART_BASE_URL: baseUrl, DECART_HTTP_BASE_URL: httpBaseUrl, DECART_API_KEY: apiKey } = process.env;
const client = createDecartClient({ apiKey, baseUrl, httpBaseUrl });
const model = { name: 'lucy-2.1', urlPath: '/v1/stream', width: 320, height: 180, fps: 15 };
const camera = await client.realtime.createLocalVideoStream({ model }, { source: 'test-pattern' });
const remote = await client.realtime.connect({ model }, camera);
const frames = await firstValueFrom(remote.frames$.pipe(bufferCount(20)));
assert.deepEqual([frames[0].width, frames[0].height], [320, 180]);
await client.realtime.setPrompt('a forest');
await camera.dispose();
await client.release();
// The process exits by itself: nothing is left open.
console.log(JSON.stringify({ frames: frames.length }));

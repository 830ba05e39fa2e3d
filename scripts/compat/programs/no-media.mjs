// All that needs no media: core, REST, tokens, and a session whose signaling is real and whose room is in memory.
import assert from 'node:assert/strict';
import { createDecartClient, decodeServerMessage, isDecartError, RealtimeModels, VERSION } from 'decart-rx';
import { createNodePlatform } from 'decart-rx/node';
import { createMemoryNetwork } from 'decart-rx/testkit';
import { filter, firstValueFrom, skip } from 'rxjs';

const { DECART_BASE_URL: baseUrl, DECART_HTTP_BASE_URL: httpBaseUrl, DECART_API_KEY: apiKey } = globalThis.process.env;
const network = createMemoryNetwork({
  onRoom: (room) => {
    room.publishRemote();
    room.accept();
    room.firstFrame();
  },
});
const open = (key) =>
  createDecartClient({ apiKey: key, baseUrl, httpBaseUrl }, { ...createNodePlatform(), media: network.media });

assert.equal(decodeServerMessage({ type: 'generation_started' })._tag, 'message');
const server = open(apiKey);
const { apiKey: token } = await server.tokens.create({ expiresIn: 60, allowedModels: ['lucy-2.1'] });
await server.release();

const client = open(token);
const image = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]);
const file = await client.files.upload(image, { filename: 'face.png' });
assert.equal((await client.files.get(file.id)).sizeBytes, image.length);
await client.files.delete(file.id);
const result = await client.queue.submitAndPoll('lucy-2.1', { data: image, prompt: 'gold' });
assert.equal(result.status, 'completed');

const { realtime } = client;
await realtime.connect({ model: RealtimeModels.LUCY_2_1, initialPrompt: { text: 'a rainy street' } });
await realtime.setPrompt('a forest');
await realtime.setImage(image);
await firstValueFrom(realtime.connectionState$.pipe(filter((state) => state === 'generating')));
const isBack = firstValueFrom(
  realtime.sessionStarted$.pipe(
    skip(1),
    filter((started) => started !== null),
  ),
);
await fetch(`${httpBaseUrl}/_simulator/faults`, {
  method: 'POST',
  headers: { 'X-API-KEY': apiKey },
  body: JSON.stringify({ kind: 'drop-socket', code: 1011, reason: '' }),
});
await isBack;
await realtime.setPrompt('a lake');
await realtime.disconnect();
const error = await open('ek_wrong')
  .tokens.create()
  .then(
    () => null,
    (reason) => reason,
  );
assert.ok(isDecartError(error), String(error));
await client.release();
assert.deepEqual(network.open, { sockets: 0, rooms: 0, streams: 0 });
console.log(JSON.stringify({ client: VERSION, tests: 'REST, tokens, signaling, a reconnect' }));

// What a session with video fails with where the native half of @livekit/rtc-node is missing, and where libc is musl.
import assert from 'node:assert/strict';
import { createDecartClient } from 'decart-rx/node';

const report = process.report.getReport();
delete report.header.glibcVersionRuntime;
process.report.getReport = () => report;

const { DECART_BASE_URL: baseUrl, DECART_API_KEY: apiKey } = process.env;
const client = createDecartClient({ apiKey, baseUrl });
const model = { name: 'lucy-2.1', urlPath: '/v1/stream', width: 320, height: 180, fps: 15 };
const error = await client.realtime.connect({ model }).then(
  () => null,
  (reason) => reason,
);
assert.match(error?.message ?? 'It connected.', /musl/);
await client.release();
console.log(`${error.code} "${error.message}"`);

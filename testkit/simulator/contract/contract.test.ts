// The client's requests and the simulator's answers, held against the service's OpenAPI description. Set DECART_OPENAPI
// to the description to run it.
import { createNodeHttpTransport } from '../../../transports/http/node.js';
import { startSimulator } from '../index.js';
import { sampleMp4 } from '../rest/sample-mp4.js';
import { samplePng } from '../rest/sample-png.js';
import { differences } from './exchanges.js';
import { readOpenApi } from './openapi.js';
import { compare, makeCalls } from './rest-checks.js';

const file = process.env.DECART_OPENAPI ?? '';
const described = file === '' ? test.skip : test;
const without = file === '' ? ' (skipped: DECART_OPENAPI names no description)' : '';

/** Every call, made against a simulator. */
async function callSimulator() {
  const simulator = await startSimulator({ media: 'none' });
  const { httpBaseUrl: baseUrl, apiKey } = simulator;
  try {
    const http = createNodeHttpTransport();
    const calls = await makeCalls({ http, baseUrl, apiKey, image: samplePng(), video: sampleMp4(), everyModel: true });
    return { baseUrl, calls };
  } finally {
    await simulator.close();
  }
}

test('the simulator answers every call of the client, and refuses with 422 what is wrong', async () => {
  const { calls } = await callSimulator();
  expect(new Set(calls.right.map(({ response }) => response.status))).toEqual(new Set([200, 204]));
  expect(calls.wrong.map(({ response }) => response.status)).toEqual([422, 422, 422]);
});

described(`client and simulator are as the service is described${without}`, async () => {
  const { baseUrl, calls } = await callSimulator();
  const { differing, onPurpose } = compare(readOpenApi(file), baseUrl, calls, true);
  expect(differing).toEqual([]);
  expect(onPurpose).toContain('/v1/verify is never called: The provenance check is in no SDK.');
});

described(`what differs is found${without}`, async () => {
  const openApi = readOpenApi(file);
  const { baseUrl, calls } = await callSimulator();
  const job = calls.right.find(({ request }) => request.url.endsWith('/v1/jobs/lucy-2.5'));
  const upload = calls.right.find(({ request }) => request.url.endsWith('/v1/files'));
  if (job?.request.body?.type !== 'form' || upload === undefined) throw new Error('The calls were not made.');
  const parts = [
    { type: 'field', name: 'seed', value: '-1' },
    { type: 'field', name: 'resolution', value: '1080p' },
    { type: 'field', name: 'style', value: 'x' },
  ] as const;
  const request = { ...job.request, headers: {}, body: { type: 'form', parts } } as const;
  expect(differences(openApi, baseUrl, { ...job, request })).toEqual([
    'POST /v1/jobs/lucy-2.5: request: no header x-api-key',
    'POST /v1/jobs/lucy-2.5: request.data is missing',
    'POST /v1/jobs/lucy-2.5: request.seed is less than 0',
    'POST /v1/jobs/lucy-2.5: request.resolution is not "720p"',
    'POST /v1/jobs/lucy-2.5: request.style is not in the contract',
  ]);
  const body = { type: 'text', text: JSON.stringify({ id: 7, filename: null }) } as const;
  const found = differences(openApi, baseUrl, { ...upload, response: { ...upload.response, body } });
  expect(found).toContain('POST /v1/files: answer.id is number, not string');
  expect(found).toContain('POST /v1/files: answer.size_bytes is missing');
  const moved = { ...upload.request, url: `${baseUrl}/v2/files` };
  expect(differences(openApi, baseUrl, { ...upload, request: moved })).toEqual([
    'POST /v2/files: there is no such call',
  ]);
});

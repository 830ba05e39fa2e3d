// What is refused leaves its connection in order: the next call on it is answered.
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Simulator, startSimulator } from '../simulator.js';

let simulator: Simulator;
let agent: Agent;
beforeEach(async () => {
  simulator = await startSimulator({ media: 'none', control: true });
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
});
afterEach(async () => {
  agent.destroy();
  await simulator.close();
});

interface Answer {
  readonly status: number | undefined;
  /** The client's port: the same one on the same connection. */
  readonly port: number | undefined;
}

async function post(path: string, body: string, contentType = 'application/json'): Promise<Answer> {
  const headers = {
    'X-API-KEY': simulator.apiKey,
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
  };
  const call = request(`${simulator.httpBaseUrl}${path}`, { method: 'POST', agent, headers });
  const answered = once(call, 'response') as Promise<[IncomingMessage]>;
  call.end(body);
  const [message] = await answered;
  const { localPort: port } = message.socket;
  message.resume();
  await once(message, 'end');
  return { status: message.statusCode, port };
}

const large = 'x'.repeat(2_000_000);

test.each([
  ['JSON of the service', '/v1/client/tokens', 'application/json', 413],
  ['JSON of the operator', '/_simulator/faults', 'application/json', 413],
  ['what is no form', '/v1/files', 'application/json', 415],
  ['a form that does not end', '/v1/files', 'multipart/form-data; boundary=b', 400],
  ['a form without a boundary', '/v1/files', 'multipart/form-data; boundary=', 400],
])('a large body that is refused: %s', async (_name, path, contentType, status) => {
  const refused = await post(path, large, contentType);
  expect(refused.status).toBe(status);
  expect(await post('/v1/client/tokens', '{}')).toEqual({ status: 200, port: refused.port });
});

test('a form that is malformed half-way', async () => {
  const head = '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n';
  const refused = await post('/v1/files', `${head}${large}\r\n--bb${large}`, 'multipart/form-data; boundary=b');
  expect(refused.status).toBe(400);
  expect(await post('/v1/client/tokens', '{}')).toEqual({ status: 200, port: refused.port });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { asyncScheduler } from 'rxjs';
import { createKeyRing, type KeyRing } from '../../testkit/simulator/key-ring.js';
import { createRestHandler, type RestService } from '../../testkit/simulator/rest/rest-handler.js';

const PAGE = 'https://app.example.com';

let keys: KeyRing;
let rest: RestService;
let service: Server;
let tokenServer: ChildProcess;
let url: string;
let complaints = '';

beforeAll(async () => {
  keys = createKeyRing('permanent', true, asyncScheduler);
  const media = { createToken: () => Promise.reject(new Error('there is no media here')) };
  rest = createRestHandler({ settings: { scheduler: asyncScheduler }, keys, media });
  service = createServer((request, response) => rest.handle(request, response)).listen(0, '127.0.0.1');
  await once(service, 'listening');
  tokenServer = spawn(process.execPath, [join(__dirname, 'main.mjs')], {
    env: {
      ...process.env,
      DECART_API_KEY: 'permanent',
      DECART_HTTP_BASE_URL: `http://127.0.0.1:${(service.address() as AddressInfo).port}`,
      ORIGINS: PAGE,
      MODELS: 'lucy-2.1,lucy-2.5',
      PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (tokenServer.stdout === null) throw new Error('no output');
  tokenServer.stderr?.on('data', (text: Buffer) => {
    complaints += text;
  });
  const [line] = await once(createInterface(tokenServer.stdout), 'line');
  url = String(line).replace('Tokens at ', '');
});

afterAll(async () => {
  const ended = once(tokenServer, 'exit');
  tokenServer.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  rest.close();
  service.closeAllConnections();
  service.close();
});

const ask = (origin: string, method = 'POST'): Promise<Response> =>
  fetch(url, { method, headers: { origin, connection: 'close' } });

it('hands out tokens that are good for its pages and models', async () => {
  const answer = await ask(PAGE);
  expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
  const { apiKey, expiresAt } = (await answer.json()) as { apiKey: string; expiresAt: string };
  expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
  const use = (model: string, origin: string) => keys.check({ key: apiKey, model, origin }).accepted;
  expect([use('lucy-2.5', PAGE), use('lucy-vton-3', PAGE), use('lucy-2.5', 'https://else.example.com')]).toEqual([
    true,
    false,
    false,
  ]);
});

it('hands none to other pages, and nothing else to anyone', async () => {
  expect((await ask('https://else.example.com')).status).toBe(403);
  expect((await ask(PAGE, 'GET')).status).toBe(404);
});

it('says no more than that there is none when the service refuses', async () => {
  rest.faults.spoil('token', { kind: 'status', status: 503, text: 'maintenance' });
  const answer = await ask(PAGE);
  expect([answer.status, await answer.text()]).toEqual([502, '']);
  expect(complaints).toContain('No token: TOKEN_CREATE_ERROR');
});

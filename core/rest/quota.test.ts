import { of, VirtualTimeScheduler } from 'rxjs';
import type { HttpRequest } from '../ports/http.js';
import { createQuotaClient } from './quota.js';

/** Asks a service that answers with this. */
async function ask(status: number, text: string) {
  const requests: HttpRequest[] = [];
  const request = (asked: HttpRequest) => {
    requests.push(asked);
    return of({ type: 'response', status, headers: {}, body: { type: 'text', text } } as const);
  };
  const scheduler = new VirtualTimeScheduler();
  const { quota } = createQuotaClient({
    baseUrl: 'http://h',
    apiKey: 'k',
    userAgent: 'ua',
    scheduler,
    http: { request },
  });
  const answer = await quota().catch((error: unknown) => error);
  return { answer, request: requests[0] };
}

test('asks for the quota with the key in a header', async () => {
  const { answer, request } = await ask(200, '{"limit":5,"active":2,"remaining":3,"more":true}');
  expect(answer).toEqual({ limit: 5, active: 2, remaining: 3 });
  expect(request).toMatchObject({
    method: 'GET',
    url: 'http://h/v1/realtime/quota',
    headers: { 'X-API-KEY': 'k' },
    body: null,
  });
});

test.each([
  ['null where the service says null', '{"limit":null,"active":2,"remaining":null}', { active: 2 }],
  ['null where it says nothing', '{}', { active: null }],
])('%s', async (_name, text, more) => {
  expect((await ask(200, text)).answer).toEqual({ limit: null, remaining: null, ...more });
});

test.each([
  [401, '', 'INVALID_API_KEY', 'The quota could not be read: the API key was refused.'],
  [500, 'oops', 'WEBRTC_SERVER_ERROR', 'The quota could not be read: HTTP 500: oops.'],
  [200, '{"limit":"many"}', 'WEBRTC_SERVER_ERROR', expect.stringMatching(/malformed.*limit/)],
])('HTTP %d %s fails with %s', async (status, text, code, message) => {
  expect((await ask(status, text)).answer).toMatchObject({ code, message });
});

import {
  defaultReconnectPolicy,
  failureOfClose,
  failureOfServerText,
  nextRandom,
  retryDelayMs,
} from './retry-policy.js';

test.each([
  [0, 1000],
  [1, 2000],
  [2, 4000],
  [3, 8000],
  [4, 10_000],
  [1000, 10_000],
])('the delay before try %d is %d ms', (n, delayMs) => {
  expect(retryDelayMs(defaultReconnectPolicy, n, 0.9)).toBe(delayMs);
});

test('jitter takes up to its part of a delay away', () => {
  const backoff = { ...defaultReconnectPolicy, jitter: 0.25 };
  expect([0, 0.5, 1].map((random) => retryDelayMs(backoff, 0, random))).toEqual([1000, 875, 750]);
});

test('chance can be replayed, stays in range and is spread out', () => {
  let seed = 42;
  const values = Array.from({ length: 1000 }, () => {
    const [value, next] = nextRandom(seed);
    seed = next;
    return value;
  });
  const [first, following] = nextRandom(42);
  const [second] = nextRandom(following);
  // What mulberry32 gives from this seed.
  expect([first, second]).toEqual([0.6011037519201636, 0.44829055899754167]);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...values)).toBeLessThan(1);
  expect(values.reduce((sum, value) => sum + value, 0) / 1000).toBeCloseTo(0.5, 1);
});

test.each([
  ['Invalid API key', 'INVALID_API_KEY', true],
  ['invalid_api_key', 'INVALID_API_KEY', true],
  ['Unauthorized', 'INVALID_API_KEY', true],
  ['status 401', 'INVALID_API_KEY', true],
  ['Permission Denied', 'WEBRTC_SERVER_ERROR', true],
  ['not allowed here', 'WEBRTC_SERVER_ERROR', true],
  ['Invalid session', 'WEBRTC_SERVER_ERROR', true],
  ['Concurrent session limit reached.', 'SESSION_LIMIT_REACHED', true],
  ['Insufficient credits', 'INSUFFICIENT_CREDITS', true],
  ['Unexpected server response: 401', 'INVALID_API_KEY', true],
  ['HTTP 403', 'WEBRTC_SERVER_ERROR', true],
  ['Forbidden', 'WEBRTC_SERVER_ERROR', true],
  ['Model not found', 'MODEL_NOT_FOUND', true],
  ['Unknown model: lucy-9', 'MODEL_NOT_FOUND', true],
  ['The model lucy-9 does not exist', 'MODEL_NOT_FOUND', true],
  ['The model is not available, try again later', 'WEBRTC_SERVER_ERROR', false],
  ['code 14010', 'WEBRTC_SERVER_ERROR', false],
  ['worker 7 pid 24011 restarted', 'WEBRTC_SERVER_ERROR', false],
  ['worker pid 401 restarted', 'WEBRTC_SERVER_ERROR', false],
  ['busy', 'WEBRTC_SERVER_ERROR', false],
  ['', 'WEBRTC_SERVER_ERROR', false],
])('the text %p is %s', (text, code, permanent) => {
  const failure = failureOfServerText(text, 'WEBRTC_SERVER_ERROR');
  expect(failure).toMatchObject({ code, permanent });
  expect(failure.message).not.toBe('');
});

test.each([
  [{ code: 1006, reason: '' }, 'WEBRTC_WEBSOCKET_ERROR', false, 'The signaling socket closed (code 1006).'],
  [{ code: 1011, reason: 'oops' }, 'WEBRTC_WEBSOCKET_ERROR', false, 'The signaling socket closed (code 1011: oops).'],
  [
    { code: 1006, reason: '', httpStatus: 502 },
    'WEBRTC_WEBSOCKET_ERROR',
    false,
    'The signaling socket closed (HTTP 502).',
  ],
  [{ code: 1006, reason: '', httpStatus: 401 }, 'INVALID_API_KEY', true, 'The API key was refused (HTTP 401).'],
  [
    { code: 1006, reason: '', httpStatus: 403 },
    'WEBRTC_SERVER_ERROR',
    true,
    'The service refused the connection (HTTP 403): this API key may not use the model, or not from here.',
  ],
  [
    { code: 1006, reason: '', httpStatus: 404 },
    'WEBRTC_WEBSOCKET_ERROR',
    true,
    'The signaling socket closed (HTTP 404).',
  ],
  [
    { code: 1006, reason: '', httpStatus: 400 },
    'WEBRTC_WEBSOCKET_ERROR',
    true,
    'The signaling socket closed (HTTP 400).',
  ],
  [
    { code: 1006, reason: '', httpStatus: 500 },
    'WEBRTC_WEBSOCKET_ERROR',
    false,
    'The signaling socket closed (HTTP 500).',
  ],
  [
    { code: 1006, reason: '', httpStatus: 429 },
    'WEBRTC_WEBSOCKET_ERROR',
    false,
    'The signaling socket closed (HTTP 429).',
  ],
  [{ code: 4403, reason: '' }, 'WEBRTC_WEBSOCKET_ERROR', true, 'The signaling socket closed (code 4403).'],
  [
    { code: 1008, reason: 'Model not found' },
    'MODEL_NOT_FOUND',
    true,
    'The service does not know the model: Model not found',
  ],
  [
    { code: 1011, reason: 'worker 7 pid 24011 restarted' },
    'WEBRTC_WEBSOCKET_ERROR',
    false,
    'The signaling socket closed (code 1011: worker 7 pid 24011 restarted).',
  ],
  [{ code: 3000, reason: '' }, 'INVALID_API_KEY', true, 'The API key was refused (code 3000).'],
  [{ code: 4401, reason: 'x' }, 'INVALID_API_KEY', true, 'The API key was refused (code 4401).'],
  [{ code: 1008, reason: 'Invalid API key' }, 'INVALID_API_KEY', true, 'The API key was refused: Invalid API key'],
  [
    { code: 1008, reason: 'not allowed' },
    'WEBRTC_WEBSOCKET_ERROR',
    true,
    'The signaling socket closed (code 1008: not allowed).',
  ],
])('the close %j is %s', (closed, code, permanent, message) => {
  expect(failureOfClose(closed, true)).toMatchObject({ code, permanent, message });
});

test('a socket that has never been open says where to look', () => {
  expect(failureOfClose({ code: 1006, reason: 'ECONNREFUSED' }, true, true)).toMatchObject({
    code: 'WEBRTC_WEBSOCKET_ERROR',
    permanent: false,
    message: 'The signaling socket could not be opened (code 1006: ECONNREFUSED). Check baseUrl.',
  });
});

test('1013 refuses a session because the account is full, and is an ordinary loss of one that is live', () => {
  const closed = { code: 1013, reason: '' };
  expect(failureOfClose(closed, true)).toMatchObject({ code: 'SESSION_LIMIT_REACHED', data: { closeCode: 1013 } });
  expect(failureOfClose(closed, false)).toMatchObject({ code: 'WEBRTC_WEBSOCKET_ERROR', permanent: false });
});

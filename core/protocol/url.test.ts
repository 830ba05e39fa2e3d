import { buildSignalingUrl, checkBaseUrl, redactUrl } from './url.js';

const parts = {
  baseUrl: 'wss://api.decart.ai',
  urlPath: '/v1/stream',
  apiKey: 'key',
  model: 'lucy-2.1',
  userAgent: 'decart-rx/0.1.0 lang/js node/20',
};

describe('buildSignalingUrl', () => {
  it.each([
    [{}, ''],
    [{ resolution: '720p' as const }, '&resolution=720p'],
    [{ pixelLatency: true }, '&pixel_latency=1'],
    [{ resolution: '1080p' as const, pixelLatency: true }, '&resolution=1080p&pixel_latency=1'],
  ])('%j', (more, query) => {
    expect(buildSignalingUrl({ ...parts, ...more })).toBe(
      `wss://api.decart.ai/v1/stream?api_key=key&model=lucy-2.1${query}&user_agent=decart-rx%2F0.1.0%20lang%2Fjs%20node%2F20`,
    );
  });

  it('encodes what it is given, and lets nobody replace its own parameters', () => {
    const url = new URL(
      buildSignalingUrl({
        ...parts,
        baseUrl: 'ws://127.0.0.1:1/base//',
        apiKey: 'k&e=y#?',
        model: 'ä b',
        queryParams: { api_key: 'other', model: 'other', user_agent: 'other', livekit_server_codec: 'vp8', 'a b': '&' },
      }),
    );
    expect(url.pathname).toBe('/base/v1/stream');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      api_key: 'k&e=y#?',
      model: 'ä b',
      user_agent: parts.userAgent,
      livekit_server_codec: 'vp8',
      'a b': '&',
    });
  });
});

describe('redactUrl', () => {
  it.each([
    ['wss://api.decart.ai/v1/stream?api_key=secret&model=m', 'wss://api.decart.ai/v1/stream?api_key=***&model=***'],
    ['https://user:secret@host/path', 'https://***@host/path'],
    ['https://host/path#secret', 'https://host/path'],
    ['https://host?a=secret?b=secret', 'https://host?a=***'],
    ['https://host?secret', 'https://host?***'],
    ['https://user:sec/ret@host/path', 'https://***@host/path'],
    ['https://host/path', 'https://host/path'],
    ['https://user:sec\nret@host', 'https://***@host'],
    [' https://user:secret@host', '***'],
    ['https:/user:secret@host', '***'],
    ['user:secret@host', '***'],
    ['host:8080/path', 'host:8080/path'],
    ['', ''],
  ])('%s', (url, shown) => {
    expect(redactUrl(url)).toBe(shown);
  });
});

describe('checkBaseUrl', () => {
  const check =
    (url: string, allowInsecure = false) =>
    () =>
      checkBaseUrl(url, ['wss', 'ws'], allowInsecure);

  it.each([
    ['wss://api.decart.ai', 'wss://api.decart.ai'],
    ['wss://api.decart.ai/', 'wss://api.decart.ai'],
    ['WSS://api.decart.ai:8443/base/', 'WSS://api.decart.ai:8443/base'],
    ['ws://localhost:7880', 'ws://localhost:7880'],
    ['ws://127.0.0.1', 'ws://127.0.0.1'],
    ['ws://[::1]:80', 'ws://[::1]:80'],
  ])('accepts %s', (url, checked) => {
    expect(check(url)()).toBe(checked);
  });

  it.each([
    '',
    'api.decart.ai',
    'https://api.decart.ai',
    'wss://',
    'wss://host:port',
    'wss://user:secret@host',
    'wss://host?api_key=secret',
    'ws://api.decart.ai',
    'ws://127.0.0.1.evil.test',
    'ws://localhost.evil.test',
  ])('refuses %p, without telling secrets', (url) => {
    expect(check(url)).toThrow(expect.objectContaining({ code: 'INVALID_BASE_URL' }));
    expect(check(url)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('secret') }));
  });

  it.each([
    ['wss:', 'expected wss://host[:port][/path]'],
    ['http://host', 'scheme must be wss or ws'],
    ['ws://host', 'plain ws is for loopback only; use wss, or allowInsecure: true'],
  ])('says of %s what to do, for good', (url, why) => {
    const message = `Invalid base URL ${url}: ${why}.`;
    expect(check(url)).toThrow(expect.objectContaining({ message, permanent: true }));
  });

  it('accepts plain ws: to any host with allowInsecure', () => {
    expect(check('ws://lab.test', true)()).toBe('ws://lab.test');
  });
});

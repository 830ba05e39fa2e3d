import { RealtimeModels } from '../../models.js';
import { pricesOver } from '../../prices.js';
import { defaultQualityThresholds } from '../../quality/thresholds.js';
import { checkConnectOptions } from './options.js';

type Options = Parameters<typeof checkConnectOptions>[0];

const check = (options: unknown, requiredCodec?: 'vp8') =>
  checkConnectOptions(options as Options, 'none', { priceOf: pricesOver(), requiredCodec });

test('what is left out has its default', () => {
  const { plan, model } = check({ model: 'lucy-2.5' });
  expect(model.width).toBe(1280);
  expect(plan).toEqual({
    model: { name: 'lucy-2.5', urlPath: '/v1/stream' },
    resolution: null,
    queryParams: {},
    whenFull: 'fail',
    limits: { billed: null, idle: null, hidden: null },
    pricePerSecond: 0.02,
    reconnectsAfterEnd: false,
    pixelLatency: false,
    frameTiming: false,
    initialPrompt: null,
    initialImage: false,
    handshake: 'lean',
    transport: 'livekit',
    playsAudio: false,
    holdUntilInitialState: true,
    localStream: 'none',
    publish: {
      preferredCodec: 'vp8',
      backupCodec: null,
      maxBitrate: 2_000_000,
      maxFramerate: 30,
      simulcast: true,
      degradationPreference: 'balanced',
    },
    quality: { ...defaultQualityThresholds, requiredUpstreamKbps: 2000 },
    backoff: { retries: 5, initialDelayMs: 1000, factor: 2, maxDelayMs: 10_000, jitter: 0 },
    asksCaller: false,
    connectionTimeoutMs: 15_000,
    handshakeTimeoutMs: 15_000,
    connectBudgetMs: 60_000,
    recoverStalledAfterMs: 5_000,
    promptTimeoutMs: 15_000,
    imageTimeoutMs: 30_000,
  });
});

test('the plan is plain data', () => {
  const shouldRetry = () => true;
  const { plan, policy } = check({ model: 'lucy-2.5', initialImage: new Uint8Array(1), reconnect: { shouldRetry } });
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  expect([plan.initialImage, plan.asksCaller, policy.shouldRetry]).toEqual([true, true, shouldRetry]);
});

test('ICE servers are no part of the plan, which is shown: they may hold credentials', () => {
  const iceServers = [{ urls: ['turn:turn.test'], username: 'me', credential: 'turn-credential' }];
  const checked = check({ model: 'lucy-2.5', transport: 'webrtc', iceServers });
  expect(checked.iceServers).toEqual(iceServers);
  expect(JSON.stringify(checked.plan)).not.toContain('turn-credential');
});

test.each([
  [{ transport: 'webrtc' }, { transport: 'webrtc', playsAudio: false }],
  [{ resolution: '1080p' }, { resolution: '1080p' }],
  [{ debugQuality: true }, { pixelLatency: true, frameTiming: false }],
  [{ debugQuality: 'marker' }, { pixelLatency: true, frameTiming: false }],
  [{ debugQuality: 'metadata' }, { pixelLatency: false, frameTiming: true }],
  [{ initialPrompt: { text: 'a' } }, { initialPrompt: { text: 'a', enhance: true } }],
  [{ initialPrompt: { text: 'a', enhance: false } }, { initialPrompt: { text: 'a', enhance: false } }],
  [{ initialImage: null }, { initialImage: false }],
  [{ recoverStalledAfterMs: false }, { recoverStalledAfterMs: null }],
  [{ realtimeConfiguration: { connection: { connectionTimeoutMs: 9 } } }, { connectionTimeoutMs: 9 }],
  [
    { realtimeConfiguration: { media: { video: { preferredCodec: 'H264' } } } },
    { publish: { preferredCodec: 'h264' } },
  ],
  [{ realtimeConfiguration: { media: { video: { maxBitrate: undefined } } } }, { publish: { maxBitrate: 2_000_000 } }],
  [{ reconnect: { retries: undefined } }, { backoff: { retries: 5 } }],
  [{ qualityThresholds: { windowSamples: 3, fps: undefined } }, { quality: { windowSamples: 3, fps: { good: 20 } } }],
  [
    { model: { name: 'own', urlPath: '/v2/x', fps: 24, width: 10, height: 10 } },
    { model: { name: 'own', urlPath: '/v2/x' } },
  ],
])('%j', (options, plan) => {
  expect(check({ model: 'lucy-2.1', ...options }).plan).toMatchObject(plan);
});

test.each([
  ['lucy-2.1-vton-2', 'lucy-vton-2'],
  [RealtimeModels.LUCY_2_1_VTON_2, 'lucy-vton-2'],
  ['lucy-restyle-v2v', 'lucy-restyle-2'],
  [{ name: 'lucy-2.1-vton-2', urlPath: '/mine', fps: 1, width: 1, height: 1 }, 'lucy-2.1-vton-2'],
])('the deprecated model %j is %s', (model, name) => {
  expect(check({ model }).plan.model.name).toBe(name);
});

test.each([undefined, null, 'no-such-model', 5, 'constructor'])('the model %p is not found', (model) => {
  expect(() => check({ model })).toThrow(expect.objectContaining({ code: 'MODEL_NOT_FOUND' }));
});

const own = { name: 'own', urlPath: '/v2/x', fps: 24, width: 10, height: 10 };

test.each([
  ['model.name', { model: { ...own, name: '' } }],
  ['model.urlPath', { model: { ...own, urlPath: 'v2' } }],
  ['model.urlPath', { model: { ...own, urlPath: '/v2?api_key=x' } }],
  ['model.fps', { model: { ...own, fps: Number.NaN } }],
  ['model.width', { model: { ...own, width: 0 } }],
  ['model.height', { model: { ...own, height: '10' } }],
  ['transport', { transport: 'quic' }],
  ['iceServers', { iceServers: [{ urls: [] }] }],
  ['iceServers', { iceServers: [{ urls: 'http://stun.test' }] }],
  ['iceServers', { iceServers: 'stun:stun.test' }],
  ['qualityThresholds.fps.good', { qualityThresholds: { fps: { good: Number.NaN } } }],
  ['resolution', { resolution: '4k' }],
  ['handshake', { handshake: 'fat' }],
  ['facing', { facing: 'up' }],
  ['mirror', { mirror: true }],
  ['initialPrompt.text', { initialPrompt: { text: '' } }],
  ['initialPrompt', { initialPrompt: 'anime' }],
  ['initialPrompt', { initialPrompt: '' }],
  ['initialPrompt.enhance', { initialPrompt: { text: 'a', enhance: 'no' } }],
  ['queryParams', { queryParams: 'a=b' }],
  ['queryParams.a', { queryParams: { a: Symbol('b') } }],
  ['queryParams.a', { queryParams: { a: 5 } }],
  ['realtimeConfiguration', { realtimeConfiguration: null }],
  ['realtimeConfiguration.video', { realtimeConfiguration: { video: {} } }],
  ['realtimeConfiguration.connection.timeoutMs', { realtimeConfiguration: { connection: { timeoutMs: 1 } } }],
  ['realtimeConfiguration.media.audio', { realtimeConfiguration: { media: { audio: {} } } }],
  ['realtimeConfiguration.media.video', { realtimeConfiguration: { media: { video: null } } }],
  ['realtimeConfiguration.media.video.bitrate', { realtimeConfiguration: { media: { video: { bitrate: 1 } } } }],
  ['connectBudgetMs', { connectBudgetMs: 0 }],
  ['connectBudgetMs', { connectBudgetMs: Number.POSITIVE_INFINITY }],
  ['connectBudgetMs', { connectBudgetMs: 2 ** 31 }],
  ['recoverStalledAfterMs', { recoverStalledAfterMs: -1 }],
  ['publishCamera', { publishCamera: 'no' }],
  ['holdUntilInitialState', { holdUntilInitialState: 0 }],
  ['debugQuality', { debugQuality: 'yes' }],
  ['reconnect', { reconnect: false }],
  ['reconnect.retries', { reconnect: { retries: -1 } }],
  ['reconnect.retries', { reconnect: { retries: 1001 } }],
  ['reconnect.initialDelayMs', { reconnect: { initialDelayMs: 3_600_001 } }],
  ['reconnect.factor', { reconnect: { factor: 101 } }],
  ['reconnect.maxDelayMs', { reconnect: { maxDelayMs: 3_600_001 } }],
  ['reconnect.factor', { reconnect: { factor: 0.5 } }],
  ['reconnect.jitter', { reconnect: { jitter: 2 } }],
  ['reconnect.maxDelayMs', { reconnect: { maxDelayMs: Number.NaN } }],
  [
    'realtimeConfiguration.media.video.preferredCodec',
    { realtimeConfiguration: { media: { video: { preferredCodec: 5 } } } },
  ],
  ['realtimeConfiguration.media.video.maxBitrate', { realtimeConfiguration: { media: { video: { maxBitrate: -1 } } } }],
  [
    'realtimeConfiguration.media.video.maxFramerate',
    { realtimeConfiguration: { media: { video: { maxFramerate: 0 } } } },
  ],
  [
    'realtimeConfiguration.media.video.degradationPreference',
    { realtimeConfiguration: { media: { video: { degradationPreference: 'none' } } } },
  ],
])('a wrong %s is named', (field, options) => {
  expect(() => check({ model: 'lucy-2.1', ...options })).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT', data: { field } }),
  );
});

test.each([
  { retries: 0, initialDelayMs: 0, factor: 1, maxDelayMs: 0, jitter: 0 },
  { retries: 1000, initialDelayMs: 3_600_000, factor: 100, maxDelayMs: 3_600_000, jitter: 1 },
])('a reconnect policy may go to its bounds: %j', (reconnect) => {
  expect(check({ model: 'lucy-2.1', reconnect }).plan.backoff).toEqual(reconnect);
});

test('where a platform works with one codec only, the service is asked for it, and it is published', () => {
  const h264 = { media: { video: { preferredCodec: 'h264' } } };
  const options = { model: 'lucy-2.1', realtimeConfiguration: h264, queryParams: { a: 'b' } };
  const { plan } = check(options, 'vp8');
  expect(plan.queryParams).toEqual({ a: 'b', livekit_server_codec: 'vp8' });
  expect(plan.publish.preferredCodec).toBe('vp8');
  const own = check({ ...options, queryParams: { livekit_server_codec: 'h264' } }, 'vp8');
  expect(own.plan.queryParams).toEqual({ livekit_server_codec: 'h264' });
  expect(own.plan.publish.preferredCodec).toBe('h264');
});

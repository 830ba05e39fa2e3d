// A client from elsewhere: the official Python SDK as it is published, against the simulator. `npm run test:python-sdk`
// installs it; DECART_PYTHON names an interpreter that has it. Where the SDK misbehaves by its own fault the test says
// `pinned`, and holds what it does.
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { filter, firstValueFrom } from 'rxjs';
import { type Simulator, type SimulatorOptions, startSimulator } from '../index.js';
import { type PythonApp, startPythonApp } from './python-app.js';

const python = process.env.DECART_PYTHON ?? '';
const script = join(__dirname, 'app.py');
const official = python === '' ? test.skip : test;
const without = python === '' ? ' (skipped: DECART_PYTHON names no interpreter)' : '';

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
).toString('base64');

let simulator: Simulator | undefined;
let app: PythonApp;

async function open(options: SimulatorOptions = {}): Promise<Simulator> {
  simulator = await startSimulator(options);
  const { apiKey, baseUrl, httpBaseUrl } = simulator;
  await app.call('open', { api_key: apiKey, base_url: baseUrl, http_base_url: httpBaseUrl });
  return simulator;
}

const sessionsAre = ({ sessions$ }: Simulator, count: number) =>
  firstValueFrom(sessions$.pipe(filter((sessions) => sessions.length === count)));
const sent = ({ received }: Simulator) => received.map(({ message }) => message);

if (python !== '') {
  beforeEach(async () => {
    app = await startPythonApp(python, script);
  });
  afterEach(async () => {
    const { code, log } = await app.end();
    await simulator?.close();
    simulator = undefined;
    // It says what it could not parse there.
    expect(log).not.toContain('Failed to parse message');
    expect(code).toBe(0);
  });
}

official(
  `Python: connects, receives video, has prompts and images acknowledged, and disconnects${without}`,
  async () => {
    const simulator = await open({ tickIntervalMs: 100 });
    const session = await app.call('connect', { model: 'lucy-2.5', prompt: 'a rainy street', resolution: '720p' });
    expect(session).toEqual({ session_id: expect.stringMatching(/^session-/), subscribe_token: expect.any(String) });
    await app.saw('remote.track', 1);
    expect(await app.call('more_frames', { count: 20 })).toMatchObject({ size: [320, 180] });
    await app.saw('state', 'connecting', 'connected', 'generating');
    await app.saw('tick', 1, 2, 3);
    await app.call('set_prompt', { prompt: 'a forest', enhance: false });
    await app.call('set_image', { image: PIXEL });
    await app.call('set_image', { image: null });
    await app.call('set', { prompt: 'a lake', image: PIXEL });
    await app.call('set', { prompt: 'a beach' });
    expect(sent(simulator)).toEqual([
      { type: 'livekit_join' },
      { type: 'prompt', prompt: 'a rainy street', enhance_prompt: true },
      { type: 'prompt', prompt: 'a forest', enhance_prompt: false },
      { type: 'set_image', image_data: PIXEL },
      { type: 'set_image', image_data: null },
      { type: 'set_image', image_data: PIXEL, prompt: 'a lake', enhance_prompt: true },
      { type: 'set_image', image_data: null, prompt: 'a beach', enhance_prompt: true },
    ]);
    await app.call('more_frames', { count: 5 });
    await app.call('disconnect');
    await sessionsAre(simulator, 0);
    await app.saw('state', 'generating', 'disconnected');
  },
);

official.each(['h264', 'vp9'])(`Python: has %s restyled, and starts with an image${without}`, async (codec) => {
  const simulator = await open({ mode: 'restyle' });
  await app.call('connect', {
    model: 'lucy-vton-latest',
    prompt: 'a red coat',
    image: PIXEL,
    preferred_video_codec: codec,
  });
  await app.call('more_frames', { count: 10 });
  const initial = { type: 'set_image', image_data: PIXEL, prompt: 'a red coat', enhance_prompt: true };
  expect(sent(simulator)).toEqual([{ type: 'livekit_join' }, initial]);
  await app.call('disconnect');
});

official(`Python: without an initial state it asks for the video as it is${without}`, async () => {
  const simulator = await open();
  await app.call('connect', { model: 'lucy-restyle-2' });
  await app.call('more_frames', { count: 5 });
  expect(sent(simulator)).toEqual([{ type: 'livekit_join' }, { type: 'set_image', image_data: null, prompt: null }]);
  await app.call('disconnect');
});

official(`Python: comes back after a dropped socket. Pinned: without its prompt${without}`, async () => {
  const simulator = await open();
  await app.call('connect', { model: 'lucy-2.1', prompt: 'a rainy street' });
  await app.call('more_frames', { count: 5 });
  // The service says so on the socket, which may be slower than the frames.
  await app.saw('state', 'generating');
  simulator.faults.dropSocket(1011);
  await app.saw('state', 'generating', 'reconnecting', 'connected', 'generating');
  await app.saw('remote.track', 1, 2);
  await app.call('more_frames', { count: 20 });
  await app.call('set_prompt', { prompt: 'a forest' });
  expect(sent(simulator).slice(2)).toEqual([
    { type: 'livekit_join' },
    { type: 'set_image', image_data: null, prompt: null },
    { type: 'prompt', prompt: 'a forest', enhance_prompt: true },
  ]);
  await app.call('disconnect');
});

official(`Python: comes back after it was removed from the room${without}`, async () => {
  const simulator = await open();
  await app.call('connect', { model: 'lucy-2.1' });
  await app.call('more_frames', { count: 5 });
  simulator.faults.kickFromRoom();
  await app.saw('state', 'reconnecting', 'connected', 'generating');
  await app.saw('remote.track', 1, 2);
  await app.call('more_frames', { count: 20 });
  await app.call('disconnect');
});

official(`Python: another client watches the session${without}`, async () => {
  const simulator = await open();
  const session = await app.call('connect', { model: 'lucy-2.6' });
  await app.call('more_frames', { count: 5 });
  const { subscribe_token: token } = session as { subscribe_token: string };
  expect(await app.call('subscribe', { token })).toBe('connected');
  await app.saw('viewer.track', 1);
  expect(await app.call('more_viewed', { count: 20 })).toMatchObject({ size: [320, 180] });
  await app.call('unsubscribe');
  await app.call('more_frames', { count: 5 });
  await app.call('disconnect');
  await sessionsAre(simulator, 0);
});

official(`Python: waits in the queue; a refused prompt and a refused join are raised${without}`, async () => {
  const simulator = await open({ queue: 2, queueIntervalMs: 50 });
  await app.call('connect', { model: 'lucy-2.1' });
  simulator.faults.ack({ kind: 'failed', error: 'bad taste' });
  await expect(app.call('set_prompt', { prompt: 'x' })).rejects.toThrow('DecartSDKError: bad taste');
  await app.call('disconnect');
  simulator.faults.refuseJoins(1, 'Permission denied: no such plan');
  await expect(app.call('connect', { model: 'lucy-2.1' })).rejects.toThrow('WebRTCError: Permission denied');
});

official(`Python: makes and verifies tokens, edits an image and runs jobs of every model${without}`, async () => {
  const { httpBaseUrl } = await open();
  const constraints = { realtime: { maxSessionDuration: 300 } };
  const made = await app.call('create_token', { expires_in: 120, allowed_models: ['lucy-2.5'], constraints });
  expect(made).toMatchObject({
    api_key: expect.stringMatching(/^ek_/),
    permissions: { models: ['lucy-2.5'] },
    constraints,
  });
  const { token } = made as { token: string };
  const claims = { allowed_models: ['lucy-2.5'], constraints, expires_at: expect.any(String) };
  expect(await app.call('decode_token', { token })).toMatchObject(claims);
  expect(await app.call('verify_token', { token, jwks_url: `${httpBaseUrl}/api/auth/jwks` })).toMatchObject(claims);
  expect(await app.call('edit_image', { model: 'lucy-image-2', prompt: 'gold', data: PIXEL })).toBeGreaterThan(0);
  const jobs = (await app.call('video_models')) as string[];
  expect(jobs).toContain('lucy-2.5');
  const results = await Promise.all(jobs.map((model) => app.call('run_job', { model, prompt: 'gold', data: PIXEL })));
  expect(results).toEqual(jobs.map(() => ({ status: 'completed', bytes: expect.any(Number) })));
});

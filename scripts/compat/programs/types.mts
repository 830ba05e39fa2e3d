// What the calls take and give, as a strict project sees it.
import {
  type ConnectOptions,
  type DecartClient,
  type DecartError,
  isDecartError,
  noQualitySignals,
  qualityReports,
  type RealtimeModelName,
  type RealtimeSession,
  scoreQuality,
  type WatchOptions,
} from 'decart-rx';
import { createDecartClient as createBrowserClient } from 'decart-rx/browser';
import {
  createDecartClient as createNodeClient,
  type NodeLocalStream,
  type NodeRemoteStream,
  type NodeVideoTrack,
} from 'decart-rx/node';
import {
  createLedger,
  createMemoryLocalStream,
  createMemoryNetwork,
  randomSchedule,
  runSchedule,
  scenario,
} from 'decart-rx/testkit';
import { setUpTestkit, testConformance } from 'decart-rx/testkit/jest';
import { startSimulator } from 'decart-rx-simulator';
import type { Observable } from 'rxjs';

export async function page(signal: AbortSignal | undefined, video: HTMLVideoElement, key: string): Promise<void> {
  const { realtime, tokens } = createBrowserClient({ apiKey: () => key, baseUrl: undefined, logger: undefined });
  const camera: MediaStream = await navigator.mediaDevices.getUserMedia({ video: true });
  const options: ConnectOptions = { model: 'lucy-2.1', signal, initialPrompt: undefined };
  const remote = await realtime.connect(options, camera);
  const detach: () => void = remote.attach(video);
  const [track] = remote.mediaStream.getVideoTracks();
  if (track !== undefined) await realtime.replaceVideoTrack(track);
  await realtime.setPrompt('a', { signal, enhance: undefined, timeoutMs: undefined });
  await realtime.set({ prompt: 'b', image: undefined, signal });
  await tokens.create({ expiresIn: undefined, signal });
  realtime.errors$.subscribe((error: DecartError) => error.code);
  detach();
}

export async function server(track: NodeVideoTrack, name: RealtimeModelName): Promise<void> {
  const client = createNodeClient({ apiKey: 'key' });
  const camera = await client.realtime.createLocalVideoStream({ model: name }, { source: 'test-pattern' });
  const remote = await client.realtime.connect({ model: 'a-model-of-tomorrow' }, camera);
  remote.frames$.subscribe(({ width, height }) => width * height);
  await client.realtime.replaceVideoTrack(track);
  await client.release();
}

/** What works on every platform takes the client and the sessions of each. */
export function anywhere(session: RealtimeSession<NodeLocalStream, NodeRemoteStream>): readonly unknown[] {
  const node = createNodeClient({ apiKey: 'key' });
  const clients: readonly DecartClient[] = [node, createBrowserClient({ apiKey: 'key' })];
  const session$: Observable<RealtimeSession> = node.realtime.session$({ model: 'lucy-2.1' });
  const paint = (any: RealtimeSession): Promise<void> => any.setPrompt('rain');
  return [clients, session$, paint(session), paint(node.realtime)];
}

/** An option that may be `undefined` is an option that is left out. */
export async function optional(client: DecartClient, absent: undefined): Promise<void> {
  const { realtime, tokens, queue } = client;
  const reconnect = { retries: absent, initialDelayMs: absent, jitter: absent, afterEnd: absent };
  await realtime.connect({
    model: 'lucy-2.1',
    reconnect,
    qualityThresholds: { warmUpSamples: absent, rttMs: absent },
    realtimeConfiguration: { media: { video: { maxBitrate: absent, preferredCodec: absent } } },
    iceServers: [{ urls: 'stun:127.0.0.1', username: absent, credential: absent }],
  });
  await realtime.subscribe({ token: 'token', reconnect });
  await realtime.playAudio(new Uint8Array(1), { signal: absent });
  await tokens.create({ constraints: absent });
  const watch: WatchOptions = { retry: { retries: absent, factor: absent, maxDelayMs: absent } };
  queue.watch$('job', watch);
  scoreQuality({ ...noQualitySignals, g2gUnavailable: absent });
  qualityReports({ windowSamples: absent });
  createLedger({ traces: absent });
  createMemoryLocalStream({ video: absent, audio: absent });
  testConformance([], { timeoutMs: absent });
  scenario().expectJoin({ passthrough: absent }).expectPrompt(absent, { enhance: absent }).ack({ error: absent });
  scenario().expectImage({ prompt: absent, image: absent }).dropSocket(absent, absent, { ifOpen: absent });
}

export function said(error: unknown): string | number | undefined {
  if (isDecartError(error, 'INVALID_INPUT')) return error.data?.field;
  if (isDecartError(error, 'WEBRTC_WEBSOCKET_ERROR')) return error.data?.closeCode;
  // @ts-expect-error: it has no such detail
  return isDecartError(error, 'WEBRTC_TIMEOUT_ERROR') ? error.data?.field : undefined;
}

export const wrong = (client: ReturnType<typeof createNodeClient>, track: MediaStreamTrack): readonly unknown[] => [
  // @ts-expect-error: a track of a browser is none of Node's
  client.realtime.replaceVideoTrack(track),
  // @ts-expect-error: a stream is an object
  client.realtime.connect({ model: 'lucy-2.1' }, 42),
  // @ts-expect-error: so is a track
  client.realtime.replaceVideoTrack('camera'),
  // @ts-expect-error: a prompt, an image or both
  client.realtime.set({}),
];

export const loaded: readonly unknown[] = [
  createMemoryNetwork,
  setUpTestkit,
  startSimulator,
  runSchedule(randomSchedule(1)),
];

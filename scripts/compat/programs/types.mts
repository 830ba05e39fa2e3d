// What the calls take and give, as a strict project sees it.
import { type ConnectOptions, type DecartError, isDecartError, type RealtimeModelName } from 'decart-rx';
import { createDecartClient as createBrowserClient } from 'decart-rx/browser';
import { createDecartClient as createNodeClient, type NodeVideoTrack } from 'decart-rx/node';
import { createMemoryNetwork } from 'decart-rx/testkit';
import { setUpTestkit } from 'decart-rx/testkit/jest';
import { startSimulator } from 'decart-rx-simulator';

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

export const loaded: readonly unknown[] = [createMemoryNetwork, setUpTestkit, startSimulator];

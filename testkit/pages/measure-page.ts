// The page of the measuring tests: a client, and its latency measured a second time.
// Counting begins before anything else is loaded.
import './resources.js';
import { filter, firstValueFrom, type Observable } from 'rxjs';
import * as sdk from '../../adapters/browser/index.js';
import { readMarker, readMarkerRgba } from '../../core/latency/marker.js';
import { readFrames } from '../../transports/livekit/browser/index.js';
import { type Resources, resources } from './resources.js';

type Client = sdk.DecartClient;

const model = { name: 'lucy-latest', urlPath: '/v1/stream', fps: 30, width: 640, height: 360 };

/** A session with a test picture. */
export async function connect(
  { realtime }: Client,
  options: Partial<Parameters<Client['realtime']['connect']>[0]> = {},
  stamps: sdk.DebugQuality = options.debugQuality ?? true,
): Promise<{ readonly local: sdk.BrowserLocalStream; readonly remote: sdk.BrowserRemoteStream }> {
  const local = await realtime.createLocalVideoStream(
    { model },
    { source: 'test-pattern', debugQuality: stamps, mirror: 'off' },
  );
  const remote = await realtime.connect({ model, debugQuality: true, ...options }, local);
  return { local, remote };
}

export const first = <T>(source: Observable<T>, condition: (value: T) => boolean): Promise<T> =>
  firstValueFrom(source.pipe(filter(condition)));

/** The numbers on a track's frames, each as it is seen. */
function watch(track: MediaStreamTrack, onNumber: (seq: number) => void): void {
  readFrames(track, async (frame) => {
    const isPlanar = frame.format === 'I420' || frame.format === 'NV12';
    const format: VideoFrameCopyToOptions = isPlanar ? {} : { format: 'RGBA' };
    const bytes = new Uint8Array(frame.allocationSize(format));
    const [plane] = await frame.copyTo(bytes, format);
    const { codedWidth: width, codedHeight: height } = frame;
    const stride = plane?.stride ?? width;
    const seq = (isPlanar ? readMarker : readMarkerRgba)(bytes, width, height, stride);
    if (seq !== null) onNumber(seq);
  });
}

/** What a client reports, and what the frames show that are seen at both ends of the page meanwhile. */
export interface MeasuredLatency {
  readonly reportedMs: number;
  /** Of each frame, from one end to the other, the shortest first. */
  readonly seenMs: readonly number[];
  /** Between frames that arrive, on average. */
  readonly intervalMs: number;
}

/** The frames are stamped for the second measuring, whatever the client measures by. */
export async function measureLatency(client: Client, debugQuality: sdk.DebugQuality): Promise<MeasuredLatency> {
  const { local, remote } = await connect(client, { debugQuality }, true);
  if (local.videoTrack === null || remote.videoTrack === null) throw new Error('There is no video.');
  const leftAtMs = new Map<number, number>();
  const seenMs: number[] = [];
  const arrivedMs: number[] = [];
  let isCounting = false;
  watch(local.videoTrack.clone(), (seq) => leftAtMs.set(seq, performance.now()));
  watch(remote.videoTrack.clone(), (seq) => {
    const left = leftAtMs.get(seq);
    if (!isCounting || left === undefined) return;
    arrivedMs.push(performance.now());
    seenMs.push(performance.now() - left);
  });
  const { stats$ } = client.realtime;
  await first(stats$, ({ latency }) => latency.unavailable === 'warming-up');
  isCounting = true;
  const { latency } = await first(stats$, (stats) => stats.latency.sampleCount >= 60);
  const spanMs = (arrivedMs.at(-1) ?? Number.NaN) - (arrivedMs[0] ?? Number.NaN);
  return {
    reportedMs: latency.medianMs ?? Number.NaN,
    seenMs: seenMs.sort((a, b) => a - b),
    intervalMs: spanMs / (arrivedMs.length - 1),
  };
}

Object.assign(globalThis, { sdk, resources, measuring: { connect, first, measureLatency, model }, isReady: true });

export type PageSdk = typeof sdk;
export type PageResources = Resources;
export interface Measuring {
  readonly connect: typeof connect;
  readonly first: typeof first;
  readonly measureLatency: typeof measureLatency;
  readonly model: typeof model;
}

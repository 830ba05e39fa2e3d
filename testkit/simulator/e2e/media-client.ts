// A client of the simulator for tests: a bare signaling socket, and real media by the package's own transport.
import { firstValueFrom, interval, type Observable, ReplaySubject, share } from 'rxjs';
import { filter, map, switchMap } from 'rxjs/operators';
import { readMarker, stampMarker } from '../../../core/latency/marker.js';
import type { RoomEvent } from '../../../core/ports/media.js';
import { asyncDispose } from '../../../core/ports/streams.js';
import {
  createLiveKitNodeTransport,
  type I420Frame,
  type NodeLocalStream,
  type NodeRemoteStream,
} from '../../../transports/livekit/node/index.js';
import type { Simulator } from '../simulator.js';
import { openPlainClient, type PlainClient } from './plain-client.js';

export const WIDTH = 320;
export const HEIGHT = 180;
const FPS = 30;

export interface MediaClient {
  readonly signaling: PlainClient;
  /** Replayed from the start. */
  readonly events$: Observable<RoomEvent<NodeRemoteStream>>;
  /** Frames that come back, of whichever stream is the present one. */
  readonly frames$: Observable<I420Frame>;
  /** Numbers of frames that go out, as they do. */
  readonly sent$: Observable<number>;
  event(type: RoomEvent['type']): Promise<RoomEvent<NodeRemoteStream>>;
  leave(): Promise<void>;
}

const transport = createLiveKitNodeTransport();
/** Call in `afterAll`: while the native library runs, the process does not end. */
export const releaseMediaClients = (): Promise<void> => transport.release();

/** Grey with a slow gradient, which every codec keeps; numbered by the latency marker. */
function numberedFrame(seq: number): I420Frame {
  const data = new Uint8Array((WIDTH * HEIGHT * 3) / 2).fill(128);
  for (let y = 0; y < HEIGHT; y++) data.fill(80 + (y >> 2), y * WIDTH, (y + 1) * WIDTH);
  stampMarker(data.subarray(0, WIDTH * HEIGHT), WIDTH, HEIGHT, WIDTH, seq);
  return { data, width: WIDTH, height: HEIGHT };
}

export const markerOf = ({ data, width, height }: I420Frame): number | null =>
  readMarker(data.subarray(0, width * height), width, height, width);

/** Means of Y, U and V. */
export function meanColour({ data, width, height }: I420Frame): readonly [number, number, number] {
  const luma = width * height;
  const mean = (from: number, to: number) => {
    let sum = 0;
    for (let i = from; i < to; i++) sum += data[i] ?? 0;
    return sum / (to - from);
  };
  return [mean(0, luma), mean(luma, luma * 1.25), mean(luma * 1.25, luma * 1.5)];
}

export const colourDistance = (a: readonly number[], b: readonly number[]): number =>
  Math.hypot(...a.map((value, index) => value - (b[index] ?? 0)));

/** Joins, publishes numbered frames at 30 fps, and receives what comes back. */
export async function openMediaClient(
  { baseUrl, apiKey }: Simulator,
  { prompt, query = {} }: { prompt?: string; query?: Readonly<Record<string, string>> } = {},
): Promise<MediaClient> {
  const signaling = await openPlainClient(baseUrl, { api_key: apiKey, ...query });
  signaling.send({ type: 'livekit_join', passthrough: prompt === undefined });
  if (prompt !== undefined) signaling.send({ type: 'prompt', prompt, enhance_prompt: true });
  const { livekit_url: url, token } = await signaling.next('livekit_room_info');
  const sent$ = interval(1_000 / FPS).pipe(share());
  const room = transport.join({
    url: String(url),
    token: String(token),
    videoTrack: null,
    localStream: localStream(sent$.pipe(map(numberedFrame))),
    publish: {
      preferredCodec: 'vp8',
      backupCodec: null,
      maxBitrate: 1_000_000,
      maxFramerate: FPS,
      simulcast: false,
      degradationPreference: 'maintain-resolution',
    },
    onMarker: null,
  });
  const events = new ReplaySubject<RoomEvent<NodeRemoteStream>>();
  room.events$.subscribe(events);
  const event = (type: RoomEvent['type']) => firstValueFrom(events.pipe(filter((each) => each.type === type)));
  return {
    signaling,
    events$: events,
    frames$: events.pipe(
      filter((each) => each.type === 'streamChanged'),
      switchMap(({ stream }) => stream?.frames$ ?? []),
    ),
    sent$,
    event,
    leave: async () => {
      room.close();
      await event('closed');
      signaling.close();
      await signaling.closed;
    },
  };
}

function localStream(outgoing$: Observable<I420Frame>): NodeLocalStream {
  const dispose = () => Promise.resolve();
  return {
    id: 'stream-local',
    videoTrack: { kind: 'video', width: WIDTH, height: HEIGHT, fps: FPS, outgoing$ },
    audioTrack: null,
    frames$: outgoing$,
    framesSent: 0,
    dispose,
    [asyncDispose]: dispose,
  };
}

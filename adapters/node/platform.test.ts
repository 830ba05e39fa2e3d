import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { firstValueFrom, take, toArray } from 'rxjs';
import type { MediaRoom, PublishOptions, RoomEvent, RoomStats } from '../../core/ports/media.js';
import { createAccessToken, type MediaServer, startMediaServer } from '../../testkit/simulator/sfu/media-server.js';
import type { NodeLocalStream, NodeRemoteStream } from '../../transports/livekit/node/index.js';
import { createDecartClient, createLocalVideoStream, createNodePlatform } from './index.js';

const publish: PublishOptions = {
  preferredCodec: 'vp8',
  backupCodec: null,
  maxBitrate: 2_000_000,
  maxFramerate: 30,
  simulcast: true,
  degradationPreference: 'balanced',
};
const size = { width: 640, height: 360, fps: 30 };

describe('the Node platform', () => {
  it('names its runtime and has no camera of its own', () => {
    const { runtime, hasCamera, seed } = createNodePlatform();
    expect([runtime, hasCamera]).toEqual([`node/${process.versions.node}`, false]);
    expect(Number.isInteger(seed())).toBe(true);
  });

  it('takes the local streams that it makes, and nothing else', async () => {
    const { adoptLocalStream } = createNodePlatform();
    const stream = await createLocalVideoStream(size);
    expect(adoptLocalStream(stream)).toBe(stream);
    for (const other of [null, undefined, 'stream', {}, { id: 'stream-local', videoTrack: {} }]) {
      expect(() => adoptLocalStream(other)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
    }
  });

  it('does not take a local stream that is disposed: nothing would be sent', async () => {
    const { adoptLocalStream } = createNodePlatform();
    const stream = await createLocalVideoStream(size);
    await stream.dispose();
    expect(() => adoptLocalStream(stream)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringContaining('disposed') }),
    );
  });

  it('reports a stream that cannot be made as an error of the observable', async () => {
    const { createLocalStream } = createNodePlatform();
    const asked = { ...size, width: 641, facing: 'front', mirror: 'off', nextMarker: null, microphone: false } as const;
    await expect(firstValueFrom(createLocalStream(asked))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('is filled into the client', async () => {
    expect(() => createDecartClient({ apiKey: ' ' })).toThrow(expect.objectContaining({ code: 'INVALID_API_KEY' }));
    const client = createDecartClient({ apiKey: 'key' });
    const stream = await client.realtime.createLocalVideoStream(
      { model: 'lucy-restyle-2' },
      { source: 'test-pattern' },
    );
    expect(stream.videoTrack).toMatchObject({ width: 1280, height: 704, fps: 30 });
    await stream.dispose();
    await client.release();
  });
});

describe('over a media server that echoes', () => {
  const platform = createNodePlatform();
  let server: MediaServer;
  beforeAll(async () => {
    server = await startMediaServer();
  });
  afterAll(async () => {
    await server.close();
    await platform.release?.();
  });

  async function enter(room: string, localStream: NodeLocalStream, onMarker: ((seq: number) => void) | null = null) {
    const { url, apiKey, apiSecret } = server;
    server.attachEcho(room, 'inference-server-0');
    const token = await createAccessToken({ apiKey, apiSecret, room, identity: 'me' });
    return platform.media.join({ url, token, localStream, videoTrack: null, publish, onMarker });
  }

  /** Takes some frames, then leaves. */
  async function visit(room: MediaRoom<NodeRemoteStream>, count: number) {
    const events: RoomEvent<NodeRemoteStream>['type'][] = [];
    let frames: Promise<{ data: Uint8Array; width: number; height: number }[]> | undefined;
    await new Promise<void>((complete) => {
      room.events$.subscribe({
        next: (event) => {
          events.push(event.type);
          if (event.type !== 'streamChanged' || !event.stream) return;
          frames = firstValueFrom(event.stream.frames$.pipe(take(count), toArray()));
          frames.then(() => room.close());
        },
        complete,
      });
    });
    return { events, frames: (await frames) ?? [] };
  }

  it('sends the test pattern through one room after the other, and gets it back', async () => {
    const stream = await createLocalVideoStream(size);
    for (const name of ['first', 'second']) {
      const { frames, events } = await visit(await enter(name, stream), 10);
      expect(events.filter((type) => type !== 'transportState')).toEqual([
        ...['joined', 'published', 'streamChanged', 'firstFrame', 'closed'],
      ]);
      expect(frames).toHaveLength(10);
      expect(new Set(frames.map(({ data }) => Buffer.from(data).toString('latin1'))).size).toBe(10);
    }
    expect(stream.framesSent).toBeGreaterThanOrEqual(20);
    await stream.dispose();
  });

  it('reads the markers that it stamped, on mirrored frames too', async () => {
    let seq = 100;
    const asked = { ...size, facing: 'front', mirror: 'on', nextMarker: () => seq++, microphone: false } as const;
    const stream = await firstValueFrom(platform.createLocalStream(asked));
    const markers: number[] = [];
    await visit(await enter('markers', stream, (marker) => markers.push(marker)), 20);
    expect(markers.length).toBeGreaterThanOrEqual(15);
    expect(markers.every((marker) => marker >= 100 && marker < seq)).toBe(true);
    expect(markers).toEqual([...markers].sort((one, other) => one - other));
    await stream.dispose();
  });

  it('reports the statistics of both directions under the names of W3C', async () => {
    const stream = await createLocalVideoStream(size);
    const room = await enter('statistics', stream);
    const reading = new Promise<RoomStats>((resolve, reject) => {
      room.events$.subscribe(({ type }) => {
        if (type === 'firstFrame') room.readStats().subscribe({ next: resolve, error: reject });
      });
    });
    const { publisher, subscriber } = await reading;
    const entries = [...publisher, ...subscriber];
    expect(entries.find(({ type }) => type === 'outbound-rtp')).toMatchObject({ kind: 'video' });
    expect(entries.find(({ type }) => type === 'inbound-rtp')).toMatchObject({ kind: 'video' });
    // A machine with more than one network has more pairs, in any order.
    const pairs = entries.filter(({ type }) => type === 'candidate-pair');
    expect(pairs).toContainEqual(expect.objectContaining({ state: 'succeeded' }));
    room.close();
    await stream.dispose();
  });

  it("loses the room for good when the caller's frames are wrong", async () => {
    const wrong = (async function* () {
      yield { data: new Uint8Array(24), width: 4, height: 4 };
    })();
    const stream = await createLocalVideoStream(size, { source: wrong });
    const room = await enter('wrong frames', stream);
    const events = await firstValueFrom(room.events$.pipe(toArray()));
    expect(events.slice(-2)).toEqual([
      { type: 'lost', failure: expect.objectContaining({ code: 'INVALID_INPUT', permanent: true }) },
      { type: 'closed' },
    ]);
    await stream.dispose();
  });

  it('reports that the source has ended, and stays', async () => {
    const stream = await createLocalVideoStream(size, { source: (async function* () {})() });
    const room = await enter('ended', stream);
    const ended = new Promise((resolve) => {
      room.events$.subscribe((event) => {
        if (event.type === 'transportState' && event.kind === 'localTrack') resolve(event.value);
      });
    });
    expect(await ended).toBe('ended');
    room.close();
    await stream.dispose();
  });
});

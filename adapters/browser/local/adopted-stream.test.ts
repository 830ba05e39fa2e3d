import { describe, expect, test } from '@jest/globals';
import { adoptMediaStream } from './adopted-stream.js';

/** A track that records what was done to it, and counts its listeners. */
class FakeTrack extends EventTarget {
  readyState: MediaStreamTrackState = 'live';
  enabled = true;
  listeners = 0;
  constructor(readonly kind: 'video' | 'audio') {
    super();
  }
  override addEventListener(...call: Parameters<EventTarget['addEventListener']>): void {
    this.listeners += 1;
    super.addEventListener(...call);
  }
  override removeEventListener(...call: Parameters<EventTarget['removeEventListener']>): void {
    this.listeners -= 1;
    super.removeEventListener(...call);
  }
  stop(): never {
    throw new Error('The track is the caller’s own.');
  }
  end(): void {
    this.readyState = 'ended';
    this.dispatchEvent(new Event('ended'));
  }
}

function streamOf(...tracks: FakeTrack[]): MediaStream {
  const of = (kind: string) => () => tracks.filter((track) => track.kind === kind);
  return { getVideoTracks: of('video'), getAudioTracks: of('audio') } as unknown as MediaStream;
}

describe('a MediaStream that the caller brings', () => {
  test('is one and the same stream however often it is brought', () => {
    const video = new FakeTrack('video');
    const given = streamOf(video, new FakeTrack('audio'));
    const adopted = adoptMediaStream(given);
    expect(adoptMediaStream(given)).toBe(adopted);
    expect(adopted.mediaStream).toBe(given);
    expect(video.listeners).toBe(1);
  });

  test('looks new when its video has ended, and says why; the rest goes on', () => {
    const [video, audio] = [new FakeTrack('video'), new FakeTrack('audio')];
    const adopted = adoptMediaStream(streamOf(video, audio));
    const seen: unknown[] = [];
    const tracks: unknown[] = [];
    const errors: string[] = [];
    adopted.changes$.subscribe((stream) => seen.push(stream));
    adopted.videoTrack$.subscribe((track) => tracks.push(track));
    adopted.errors$.subscribe(({ code, data }) => errors.push(`${code} ${data?.reason}`));
    expect(seen).toEqual([adopted]);
    video.end();
    expect(tracks).toEqual([video, null]);
    expect(errors).toEqual(['MEDIA_DEVICE_ERROR unplugged']);
    expect(seen).toHaveLength(2);
    expect(seen[1]).not.toBe(adopted);
    expect(seen[1]).toMatchObject({ id: 'stream-local', videoTrack: null, audioTrack: audio });
    expect(adopted.videoTrack).toBeNull();
  });

  test('with nothing live in it is refused, also when it was adopted before', () => {
    expect(() => adoptMediaStream(streamOf())).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
    const video = new FakeTrack('video');
    const given = streamOf(video);
    adoptMediaStream(given);
    video.end();
    expect(() => adoptMediaStream(given)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
    expect(video.listeners).toBe(0);
  });

  test('whose tracks are others now is another stream, and the old tracks are let go', () => {
    const [old, fresh] = [new FakeTrack('video'), new FakeTrack('video')];
    const given = streamOf(old, fresh);
    const adopted = adoptMediaStream(given);
    let isDone = false;
    adopted.videoTrack$.subscribe({ complete: () => (isDone = true) });
    // Stopped by the caller: that is no event.
    old.readyState = 'ended';
    const next = adoptMediaStream(given);
    expect(next).not.toBe(adopted);
    expect(next.videoTrack).toBe(fresh);
    expect([old.listeners, fresh.listeners]).toEqual([0, 1]);
    expect(isDone).toBe(true);
  });

  test('is not changed, and given back as it was', async () => {
    const video = new FakeTrack('video');
    const given = streamOf(video);
    const adopted = adoptMediaStream(given);
    for (const change of [adopted.switchCamera({}), adopted.setMirror('on'), adopted.setProcessors([])]) {
      await expect(change).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    }
    await adopted.dispose();
    await adopted.dispose();
    expect(video).toMatchObject({ readyState: 'live', enabled: true });
    expect(adoptMediaStream(given)).not.toBe(adopted);
  });
});

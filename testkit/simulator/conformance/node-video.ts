// Local video in Node, for the conformance of media.
import { defer, finalize, interval, map, share } from 'rxjs';
import { asyncDispose } from '../../../core/ports/streams.js';
import type { NodeLocalStream, NodeVideoTrack } from '../../../transports/media/node/local-stream.js';

const SIZE = { width: 320, height: 180 };

/** How often the frames of a track are being read, by track. */
export type ReaderCounts = Map<NodeVideoTrack, number>;

/** A caller's stream, and whether it lives. */
export interface CallersStream extends NodeLocalStream {
  readonly disposed: boolean;
}

/** A moving picture that counts its readers. */
export function createCountedTrack(readers: ReaderCounts): NodeVideoTrack {
  const { width, height } = SIZE;
  const data = new Uint8Array((width * height * 3) / 2).fill(128);
  const frames$ = interval(50).pipe(
    map((frame) => {
      data.fill((frame * 5) & 255, 0, width * height);
      return { data, width, height };
    }),
    share(),
  );
  const read = (change: number) => readers.set(track, (readers.get(track) ?? 0) + change);
  const track: NodeVideoTrack = {
    kind: 'video',
    width,
    height,
    fps: 20,
    outgoing$: defer(() => {
      read(1);
      return frames$.pipe(finalize(() => read(-1)));
    }),
  };
  return track;
}

export function createCallersStream(readers: ReaderCounts): CallersStream {
  const videoTrack = createCountedTrack(readers);
  let disposed = false;
  const dispose = async () => {
    disposed = true;
  };
  return {
    id: 'stream-local',
    videoTrack,
    audioTrack: null,
    frames$: videoTrack.outgoing$,
    framesSent: 0,
    get disposed() {
      return disposed;
    },
    dispose,
    [asyncDispose]: dispose,
  };
}

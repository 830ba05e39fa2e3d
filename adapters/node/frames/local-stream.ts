import { asyncScheduler, map, type Observable, ReplaySubject, type SchedulerLike, share, takeUntil, tap } from 'rxjs';
import { DecartError } from '../../../core/errors.js';
import { markerHeight, markerWidth } from '../../../core/latency/marker.js';
import type { LocalStreamRequest } from '../../../core/ports/platform.js';
import { asyncDispose } from '../../../core/ports/streams.js';
import {
  type I420Frame,
  type NodeLocalStream,
  type NodeVideoTrack,
  requireI420,
  requireVideoSize,
} from '../../../transports/livekit/node/index.js';
import { createFrameSource, type FrameRate, type NodeVideoSource } from './frame-source.js';
import { createFrameFinish } from './stamp.js';

/** Where local video in Node comes from, and how it is sent. */
export interface LocalVideoOptions {
  /** Which way a camera faces. Node opens no camera, so that this changes nothing here. */
  readonly facing?: 'front' | 'back' | undefined;
  /** `auto` mirrors cameras that face front, and nothing here comes from one. @default 'off' */
  readonly mirror?: 'off' | 'on' | 'auto' | undefined;
  /** Where the frames come from. @default 'test-pattern' */
  readonly source?: NodeVideoSource | undefined;
  /** Gives the pace. @default real time */
  readonly scheduler?: SchedulerLike | undefined;
}

/**
 * Local video outside a session, at a model's size and rate or one of your own. Nothing runs before it is published.
 * What is passed as `source` is closed with the stream. Rejects with INVALID_INPUT for a size that is no multiple
 * of 4; frames of another size than this end the session they are sent in with INVALID_INPUT.
 */
export async function createLocalVideoStream(
  size: FrameRate | { readonly model: FrameRate },
  options: LocalVideoOptions = {},
): Promise<NodeLocalStream> {
  const { width, height, fps } = 'model' in size ? size.model : size;
  const { facing = 'front', mirror = 'off', source, scheduler } = options;
  return openLocalStream(
    { width, height, fps, facing, mirror, source, nextMarker: null, microphone: false },
    scheduler,
  );
}

const disposedStreams = new WeakSet<NodeLocalStream>();

/** Whether nothing comes of this stream any more. */
export const isDisposed = (stream: NodeLocalStream): boolean => disposedStreams.has(stream);

/** Local video as a session asks for it. Throws INVALID_INPUT for an invalid size or source. */
export function openLocalStream(
  request: LocalStreamRequest,
  scheduler: SchedulerLike = asyncScheduler,
): NodeLocalStream {
  const { width, height, fps, mirror, nextMarker, microphone } = request;
  requireVideoSize({ width, height });
  requireRate(fps);
  if (microphone) throw invalid('There is no microphone in Node: leave out publishMicrophone.');
  const source = createFrameSource(request.source, { width, height, fps }, scheduler);
  // Where the marker does not fit, no number may be drawn either: it would be missed for ever.
  const isStampable = width >= markerWidth && height >= markerHeight;
  const finish = createFrameFinish({
    width,
    height,
    mirror: mirror === 'on',
    nextMarker: isStampable ? nextMarker : null,
  });
  const disposedSubject = new ReplaySubject<void>(1);
  let framesSent = 0;

  const finished$: Observable<I420Frame> = source.frames$.pipe(
    map((frame) => {
      requireI420(frame, { width, height });
      return finish(frame);
    }),
    takeUntil(disposedSubject),
    share(),
  );
  const outgoing$ = finished$.pipe(
    tap(() => {
      framesSent += 1;
    }),
    share(),
  );
  const videoTrack: NodeVideoTrack = { kind: 'video', width, height, fps, outgoing$ };

  const dispose = async (): Promise<void> => {
    if (isDisposed(stream)) return;
    disposedStreams.add(stream);
    disposedSubject.next();
    source.close();
  };

  const stream: NodeLocalStream = {
    id: 'stream-local',
    videoTrack,
    audioTrack: null,
    ...(nextMarker && { markers: isStampable ? 'stamped' : 'too-small' }),
    frames$: finished$.pipe(map((frame) => ({ ...frame, data: Uint8Array.from(frame.data) }))),
    get framesSent() {
      return framesSent;
    },
    dispose,
    [asyncDispose]: dispose,
  };
  return stream;
}

function requireRate(fps: number): void {
  if (!(fps > 0 && Number.isFinite(fps))) throw invalid(`fps must be a number above 0, got ${fps}.`);
}

function invalid(message: string): DecartError {
  return new DecartError({ code: 'INVALID_INPUT', message });
}

import { readMarkerRgba } from '../../core/latency/marker.js';
import { FrameCounter } from './frame-counter.js';

/** So many different markers, as they are rendered. */
export async function markers(track: MediaStreamTrack, count: number): Promise<number[]> {
  const counter = await new FrameCounter().show(new MediaStream([track]));
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const read: number[] = [];
  while (context && read.length < count) {
    await counter.more(1);
    const { videoWidth: width, videoHeight: height } = counter.video;
    context.canvas.width = width;
    context.canvas.height = height;
    context.drawImage(counter.video, 0, 0);
    const seq = readMarkerRgba(context.getImageData(0, 0, width, height).data, width, height, width * 4);
    if (seq !== null && seq !== read.at(-1)) read.push(seq);
  }
  return read;
}

import { readMarker, readMarkerRgba } from '../../../core/latency/marker.js';
import { readFrames } from './frame-reader.js';

// The marker at the largest size that transport leaves it in: 24 by 4 cells of 16 pixels, in the corner bottom left.
const areaWidth = 384;
const areaHeight = 64;

/** Calls back with the number of each marker read from a track's frames. Returns a function that stops it. */
export function watchMarkers(track: MediaStreamTrack, onMarker: (seq: number) => void): () => void | Promise<void> {
  let bytes = new Uint8Array(0);
  const reader = readFrames(track, async (frame) => {
    const rect = markerArea(frame.codedWidth, frame.codedHeight);
    const isPlanar = frame.format === 'I420' || frame.format === 'NV12' || frame.format === 'I420A';
    const options: VideoFrameCopyToOptions = isPlanar ? { rect } : { rect, format: 'RGBA' };
    const size = frame.allocationSize(options);
    if (bytes.length < size) bytes = new Uint8Array(size);
    const [layout] = await frame.copyTo(bytes, options);
    const stride = layout?.stride ?? rect.width;
    const area = bytes.subarray(layout?.offset ?? 0);
    const seq = (isPlanar ? readMarker : readMarkerRgba)(area, rect.width, rect.height, stride);
    if (seq !== null) onMarker(seq);
  });
  return reader?.stop ?? watchRenderedMarkers(track, onMarker);
}

function markerArea(width: number, height: number) {
  const area = { width: Math.min(areaWidth, width) & ~1, height: Math.min(areaHeight, height) & ~1 };
  return { x: 0, y: (height - area.height) & ~1, ...area };
}

function watchRenderedMarkers(track: MediaStreamTrack, onMarker: (seq: number) => void): () => void {
  const video = document.createElement('video');
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  if (!context || typeof video.requestVideoFrameCallback !== 'function') return () => undefined;
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  let handle = 0;
  const look = (): void => {
    handle = video.requestVideoFrameCallback(look);
    const { x, y, width, height } = markerArea(video.videoWidth, video.videoHeight);
    if (width === 0 || height === 0) return;
    context.canvas.width = width;
    context.canvas.height = height;
    context.drawImage(video, x, y, width, height, 0, 0, width, height);
    const seq = readMarkerRgba(context.getImageData(0, 0, width, height).data, width, height, width * 4);
    if (seq !== null) onMarker(seq);
  };
  handle = video.requestVideoFrameCallback(look);
  // Muted video may play everywhere; if it does not, no latency is measured.
  video.play().catch(() => undefined);
  return () => {
    video.cancelVideoFrameCallback(handle);
    video.srcObject = null;
  };
}

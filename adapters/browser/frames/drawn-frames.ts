import { stampMarkerRgba } from '../../../core/latency/marker.js';
import { drawEachFrame } from './drawing-clock.js';
import type { FrameProcessorOptions, FrameWorkshop } from './frame-workshop.js';

const markerSize = { width: 192, height: 32 };

/** On a canvas, from what an element outside the page plays: works everywhere, with fewer frames in a hidden page. */
export async function drawFrames(
  input: MediaStreamTrack,
  { mirror, nextMarker }: FrameProcessorOptions,
  signal: AbortSignal,
): Promise<FrameWorkshop | null> {
  const video = document.createElement('video');
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { alpha: false, willReadFrequently: nextMarker !== null });
  if (!context || typeof canvas.captureStream !== 'function') return null;
  let isMirrored = mirror;
  video.muted = true;
  video.playsInline = true;

  const draw = (): void => {
    const { videoWidth: width, videoHeight: height } = video;
    if (width === 0 || height === 0) return;
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    context.setTransform(isMirrored ? -1 : 1, 0, 0, 1, isMirrored ? width : 0, 0);
    context.drawImage(video, 0, 0, width, height);
    if (nextMarker) stamp(context, width, height, nextMarker());
  };

  const show = async (track: MediaStreamTrack): Promise<void> => {
    video.srcObject = new MediaStream([track]);
    await video.play();
    draw();
  };
  // A track that shows nothing keeps `play` waiting: without it, that fails.
  const callOff = (): void => {
    video.srcObject = null;
  };
  signal.addEventListener('abort', callOff);
  try {
    await show(input);
  } finally {
    signal.removeEventListener('abort', callOff);
  }
  if (signal.aborted) return null;
  // Each drawing is a frame. Firefox loses frames when it is given a rate.
  const [output] = canvas.captureStream().getVideoTracks();
  if (!output) return null;
  const stopDrawing = drawEachFrame(video, 1000 / (input.getSettings().frameRate ?? 30), draw);
  return {
    track: output,
    setInput: show,
    setMirror(value) {
      isMirrored = value;
    },
    async close() {
      stopDrawing();
      video.srcObject = null;
      output.stop();
    },
  };
}

function stamp(context: CanvasRenderingContext2D, width: number, height: number, seq: number): void {
  if (width < markerSize.width || height < markerSize.height) return;
  const top = height - markerSize.height;
  const area = context.getImageData(0, top, markerSize.width, markerSize.height);
  stampMarkerRgba(area.data, markerSize.width, markerSize.height, markerSize.width * 4, seq);
  context.putImageData(area, 0, top);
}

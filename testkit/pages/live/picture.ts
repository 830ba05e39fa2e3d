// What the page's service makes of the video: on a canvas, by the hash of the prompt, as the simulator does.
import type { StyleChange } from '../../service/state-request.js';
import { type Style, type StyleInput, styleOf } from '../../simulator/inference/style.js';

/** A prompt and an image in force, and what happens to the frames. */
export class Look {
  #input: StyleInput = { prompt: null, image: null };
  style: Style | null = null;
  isStalled = false;
  lagMs = 0;

  change({ prompt, image }: StyleChange): void {
    const bytes = image && 'base64' in image ? new TextEncoder().encode(image.base64) : null;
    this.#input = {
      prompt: prompt === undefined ? this.#input.prompt : prompt,
      image: image === undefined ? this.#input.image : bytes,
    };
    this.style = styleOf(this.#input);
  }
}

/** Frames per second that are drawn, at most: it is a demonstration, and the page has one thread. */
const MOST_FPS = 24;
/** Where the latency marker is, in pixels from the corner bottom left. */
const MARKER = { width: 192, height: 32 } as const;

/** Video from the page that comes back restyled. Stop it when it is not needed any more. */
export interface Painting {
  readonly track: MediaStreamTrack;
  /** Frames that have been drawn. */
  readonly frames: () => number;
  changeInput(track: MediaStreamTrack): void;
  stop(): void;
}

/** Draws what a track shows, in a look, until it is stopped. */
export function paint(input: MediaStreamTrack, look: Look): Painting {
  const video = Object.assign(document.createElement('video'), { muted: true, playsInline: true });
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  const { width = 640, height = 360 } = input.getSettings();
  Object.assign(canvas, { width, height });
  const [track] = canvas.captureStream(MOST_FPS).getVideoTracks();
  if (context === null || track === undefined) throw new Error('This browser cannot draw video.');
  let frames = 0;
  let isStopped = false;
  let handle = 0;
  let lastMs = Number.NEGATIVE_INFINITY;

  const show = (picture: CanvasImageSource): void => {
    if (isStopped || look.isStalled) return;
    drawStyled(context, picture, look.style);
    frames += 1;
  };
  const showLater = async (): Promise<void> => {
    const picture = await createImageBitmap(video);
    setTimeout(() => {
      show(picture);
      picture.close();
    }, look.lagMs);
  };
  const next = (): void => {
    handle = video.requestVideoFrameCallback((nowMs) => {
      next();
      if (nowMs - lastMs < 1000 / MOST_FPS - 4) return;
      lastMs = nowMs;
      if (canvas.width !== video.videoWidth && video.videoWidth > 0) {
        Object.assign(canvas, { width: video.videoWidth, height: video.videoHeight });
      }
      if (look.lagMs === 0) show(video);
      // A frame that cannot be kept is a frame less.
      else showLater().catch(() => undefined);
    });
  };
  const changeInput = (changed: MediaStreamTrack): void => {
    video.srcObject = new MediaStream([changed]);
    // Muted video may play everywhere.
    video.play().catch(() => undefined);
  };
  changeInput(input);
  next();
  return {
    track,
    frames: () => frames,
    changeInput,
    stop: () => {
      isStopped = true;
      video.cancelVideoFrameCallback(handle);
      video.srcObject = null;
      track.stop();
    },
  };
}

/** Colour from the style's tint, edges left as they are, and the prompt in a strip at the top. */
function drawStyled(context: CanvasRenderingContext2D, picture: CanvasImageSource, style: Style | null): void {
  const { width, height } = context.canvas;
  context.globalCompositeOperation = 'source-over';
  context.drawImage(picture, 0, 0, width, height);
  if (style === null) return;
  const hue = Math.round((Math.atan2(style.tint[1], style.tint[0]) * 180) / Math.PI);
  context.globalCompositeOperation = 'color';
  context.globalAlpha = 0.75;
  context.fillStyle = `hsl(${hue} 80% 50%)`;
  context.fillRect(0, 0, width, height);
  context.globalCompositeOperation = style.contrast > 1 ? 'overlay' : 'soft-light';
  context.globalAlpha = 0.4;
  context.fillRect(0, 0, width, height);
  context.globalAlpha = 1;
  context.globalCompositeOperation = 'source-over';
  // The marker is data, not a picture: it goes through unchanged.
  const top = height - MARKER.height;
  context.drawImage(picture, 0, top, MARKER.width, MARKER.height, 0, top, MARKER.width, MARKER.height);
  if (style.caption !== '') drawCaption(context, style.caption);
}

function drawCaption(context: CanvasRenderingContext2D, text: string): void {
  const { width, height } = context.canvas;
  const size = Math.max(14, Math.round(height / 16));
  context.fillStyle = 'rgb(0 0 0 / 60%)';
  context.fillRect(0, 0, width, size * 1.8);
  context.fillStyle = '#fff';
  context.font = `${size}px ui-monospace, monospace`;
  context.textBaseline = 'middle';
  context.fillText(text, size / 2, size * 0.9, width - size);
}

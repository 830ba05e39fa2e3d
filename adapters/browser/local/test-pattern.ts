/** A track that is drawn, until it is closed. */
export interface TestPattern {
  readonly track: MediaStreamTrack | null;
  close(): void;
}

const bars = ['#c0c0c0', '#c0c000', '#00c0c0', '#00c000', '#c000c0', '#c00000', '#0000c0'];

/** A moving test picture: colour bars, a ball that bounces, and the number of the frame. Not symmetric, to show mirroring. */
export function openTestPattern({ width, height, fps }: { width: number; height: number; fps: number }): TestPattern {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { alpha: false });
  let frameNumber = 0;
  const draw = (): void => {
    if (!context) return;
    drawPattern(context, width, height, frameNumber);
    frameNumber += 1;
  };
  draw();
  const timer = setInterval(draw, 1000 / fps);
  // Each drawing is a frame. Firefox loses frames when it is given a rate.
  const [track] = canvas.captureStream().getVideoTracks();
  return {
    track: track ?? null,
    close() {
      clearInterval(timer);
      track?.stop();
    },
  };
}

function drawPattern(context: CanvasRenderingContext2D, width: number, height: number, frameNumber: number): void {
  bars.forEach((colour, index) => {
    context.fillStyle = colour;
    context.fillRect(Math.floor((index * width) / bars.length), 0, Math.ceil(width / bars.length), height);
  });
  const radius = Math.round(height / 12);
  context.fillStyle = '#ffffff';
  context.beginPath();
  context.arc(bounce(frameNumber * 6, width, radius), bounce(frameNumber * 4, height, radius), radius, 0, 2 * Math.PI);
  context.fill();
  context.font = `${radius}px monospace`;
  context.fillStyle = '#000000';
  context.fillRect(0, 0, radius * 4, radius * 1.4);
  context.fillStyle = '#ffffff';
  context.fillText(String(frameNumber % 100_000).padStart(5, '0'), radius * 0.4, radius);
}

function bounce(distance: number, length: number, radius: number): number {
  const span = Math.max(1, length - 2 * radius);
  const at = distance % (2 * span);
  return radius + (at < span ? at : 2 * span - at);
}

/**
 * Calls `draw` for each frame that `video` renders. A hidden page renders nothing, so a timer calls it there, as often
 * as the browser lets timers of a hidden page run. Returns what ends it.
 */
export function drawEachFrame(video: HTMLVideoElement, intervalMs: number, draw: () => void): () => void {
  let stop: () => void = () => undefined;
  const start = (): void => {
    stop();
    stop = document.visibilityState === 'hidden' ? drawByTimer(intervalMs, draw) : drawAsRendered(video, draw);
  };
  document.addEventListener('visibilitychange', start);
  start();
  return () => {
    document.removeEventListener('visibilitychange', start);
    stop();
  };
}

function drawByTimer(intervalMs: number, draw: () => void): () => void {
  const timer = setInterval(draw, intervalMs);
  return () => clearInterval(timer);
}

function drawAsRendered(video: HTMLVideoElement, draw: () => void): () => void {
  // Not in every browser, although the types say so.
  const hasCallbacks = typeof (video as Partial<HTMLVideoElement>).requestVideoFrameCallback === 'function';
  let handle = 0;
  const next = (): void => {
    handle = hasCallbacks ? video.requestVideoFrameCallback(visit) : requestAnimationFrame(visit);
  };
  const visit = (): void => {
    draw();
    next();
  };
  next();
  return () => (hasCallbacks ? video.cancelVideoFrameCallback(handle) : cancelAnimationFrame(handle));
}

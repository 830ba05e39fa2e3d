// Which elements play which stream, so that one stream can take another's place between two frames.
import { Observable } from 'rxjs';

/** The elements that play a stream. */
const players = new WeakMap<MediaStream, Set<HTMLVideoElement>>();
/** Until the element that played a stream shows a frame of the next. */
const replacements = new WeakMap<MediaStream, Promise<void>>();

/** A frame may be late, or the element be out of sight. */
const frameLimitMs = 150;

/** The element plays `next` instead of `before` from now on; `null`: nothing. */
export function changePlayed(video: HTMLVideoElement, before: MediaStream | null, next: MediaStream | null): void {
  if (before) players.get(before)?.delete(video);
  if (before && next && before !== next) replacements.set(before, nextFrame(video));
  if (next) players.set(next, (players.get(next) ?? new Set()).add(video));
}

/** Completes when an element that plays the stream has just shown a frame of it, at once when there is none. */
export const afterFrame = (stream: MediaStream): Observable<never> =>
  new Observable((subscriber) => {
    const [video] = players.get(stream) ?? [];
    if (video === undefined) return subscriber.complete();
    return onNextFrame(video, () => subscriber.complete());
  });

/** Fulfilled when the elements that played the stream show a frame of what has replaced it. */
export const untilReplaced = async (stream: MediaStream): Promise<void> => {
  await replacements.get(stream);
};

const nextFrame = (video: HTMLVideoElement): Promise<void> =>
  new Promise((resolve) => {
    onNextFrame(video, resolve);
  });

/** Calls back once: with the element's next frame, or when that takes too long. Returns what cancels. */
function onNextFrame(video: HTMLVideoElement, done: () => void): () => void {
  // Nothing is rendered while the page is hidden.
  const waits = typeof video.requestVideoFrameCallback === 'function' && document.visibilityState === 'visible';
  const handle = waits ? video.requestVideoFrameCallback(() => finish()) : 0;
  const timer = setTimeout(() => finish(), waits ? frameLimitMs : 0);
  const cancel = (): void => {
    clearTimeout(timer);
    if (waits) video.cancelVideoFrameCallback(handle);
  };
  function finish(): void {
    cancel();
    done();
  }
  return cancel;
}

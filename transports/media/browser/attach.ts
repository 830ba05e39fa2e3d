import type { Observable } from 'rxjs';
import { DecartError } from '../../../core/errors.js';

/** How a stream is played in an element. */
export interface AttachOptions {
  /**
   * Called when the browser refuses to play before the user has interacted with the page: call `play()` on the element
   * from a click.
   */
  readonly onPlaybackRefused?: ((error: DecartError) => void) | undefined;
}

const attachments = new WeakMap<HTMLVideoElement, () => void>();

/**
 * Shows a stream in an element, and each stream that replaces it. The element keeps its last picture while there
 * is none (`null`), and is emptied when `streams$` completes or it is detached. Attaching something else to the same
 * element detaches what was attached before.
 */
export function attachStream(
  video: HTMLVideoElement,
  streams$: Observable<MediaStream | null>,
  onRefused: (error: DecartError) => void = () => undefined,
): () => void {
  attachments.get(video)?.();
  let isDetached = false;
  const detach = (): void => {
    if (isDetached) return;
    isDetached = true;
    subscription.unsubscribe();
    if (attachments.get(video) !== detach) return;
    attachments.delete(video);
    video.srcObject = null;
  };
  const show = (stream: MediaStream | null): void => {
    if (stream === null || video.srcObject === stream) return;
    video.playsInline = true;
    video.srcObject = stream;
    video.play().catch((error: unknown) => {
      // Anything else (the stream changed while it was being started, say) comes right by itself.
      if (!isDetached && (error as { name?: unknown } | null)?.name === 'NotAllowedError') onRefused(refused(error));
    });
  };
  attachments.set(video, detach);
  const subscription = streams$.subscribe({ next: show, complete: () => queueMicrotask(detach) });
  return detach;
}

function refused(cause: unknown): DecartError {
  return new DecartError({
    code: 'PLAYBACK_REFUSED',
    message:
      'The browser does not play video with sound before the user has interacted with the page. ' +
      'Call play() on the element from a click, or mute it.',
    cause,
  });
}

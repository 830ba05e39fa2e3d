import type { Observable } from 'rxjs';
import { DecartError, invalid } from '../../../core/errors.js';
import { changePlayed } from './played.js';

/** How a stream is played in an element. */
export interface AttachOptions {
  /**
   * Called when the browser refuses to play before the user has interacted with the page: call `play()` on the element
   * from a click.
   */
  readonly onPlaybackRefused?: ((error: DecartError) => void) | undefined;
}

interface Attachment {
  /** What the element plays, over all streams: setting another source would restart it, with a gap. */
  readonly shown: MediaStream;
  /** Returns what was played. */
  release(): MediaStream | null;
}

const attachments = new WeakMap<HTMLVideoElement, Attachment>();

/** @throws DecartError INVALID_INPUT unless it is an element that plays */
export function requireVideo(video: unknown): void {
  if (typeof (video as Partial<HTMLVideoElement> | null | undefined)?.play === 'function') return;
  throw invalid('attach() needs a <video> element. Is it in the page yet, and does its selector find it?');
}

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
  requireVideo(video);
  const before = attachments.get(video);
  let played = before?.release() ?? null;
  const shown = before?.shown ?? new MediaStream();
  let isDetached = false;
  const play = (stream: MediaStream | null): void => {
    changePlayed(video, played, stream);
    played = stream;
  };
  const release = (): MediaStream | null => {
    const last = played;
    isDetached = true;
    play(null);
    subscription.unsubscribe();
    return last;
  };
  const detach = (): void => {
    if (isDetached) return;
    release();
    if (attachments.get(video) !== attachment) return;
    attachments.delete(video);
    empty(video, shown);
  };
  const show = (stream: MediaStream | null): void => {
    if (stream === null) return;
    const isChanged = replaceTracks(shown, stream);
    play(stream);
    if (!isChanged && video.srcObject === shown) return;
    video.playsInline = true;
    // Only Chromium looks at the tracks of a stream that plays already.
    if (video.srcObject !== shown || !isChromium()) video.srcObject = shown;
    video.play().catch((error: unknown) => {
      // Anything else (the stream changed while it was being started, say) comes right by itself.
      if (!isDetached && (error as { name?: unknown } | null)?.name === 'NotAllowedError') onRefused(refused(error));
    });
  };
  const attachment: Attachment = { shown, release };
  attachments.set(video, attachment);
  const subscription = streams$.subscribe({ next: show, complete: () => queueMicrotask(detach) });
  return detach;
}

/**
 * Takes the source from an element, and the tracks from the source: Chromium keeps it as long as any track in it goes on.
 * Firefox draws nothing in the whole page any more when an element that plays loses its source while a callback waits
 * for its next frame: there it has to end first.
 */
function empty(video: HTMLVideoElement, shown: MediaStream): void {
  const clear = (): void => {
    if (video.srcObject === shown) video.srcObject = null;
    replaceTracks(shown, new MediaStream());
  };
  if (!/Firefox/.test(navigator.userAgent) || video.paused) return clear();
  video.addEventListener('ended', clear, { once: true });
  replaceTracks(shown, new MediaStream());
}

/** Whether the element shows this stream, attached to it or to one before it. */
export function isShown(video: HTMLVideoElement, stream: MediaStream): boolean {
  const shown = attachments.get(video)?.shown;
  if (shown === undefined || video.srcObject !== shown) return false;
  const tracks = stream.getTracks();
  return tracks.length === shown.getTracks().length && tracks.every((track) => shown.getTracks().includes(track));
}

/** Returns whether there was anything to replace. */
function replaceTracks(shown: MediaStream, by: MediaStream): boolean {
  const [old, next] = [shown.getTracks(), by.getTracks()];
  const added = next.filter((track) => !old.includes(track));
  const removed = old.filter((track) => !next.includes(track));
  for (const track of removed) shown.removeTrack(track);
  for (const track of added) shown.addTrack(track);
  return added.length + removed.length > 0;
}

const isChromium = (): boolean => 'userAgentData' in navigator || /Chrom(e|ium)\//.test(navigator.userAgent);

function refused(cause: unknown): DecartError {
  return new DecartError({
    code: 'PLAYBACK_REFUSED',
    message:
      'The browser does not play video with sound before the user has interacted with the page. ' +
      'Call play() on the element from a click, or mute it.',
    cause,
  });
}

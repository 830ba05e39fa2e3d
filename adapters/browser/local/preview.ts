import { NEVER, startWith } from 'rxjs';
import { type AttachOptions, attachStream } from '../../../transports/livekit/browser/index.js';

/** Shows local media, muted: one's own voice is not to be heard. Returns what detaches it. */
export function attachPreview(
  video: HTMLVideoElement,
  mediaStream: MediaStream,
  onPlaybackRefused: AttachOptions['onPlaybackRefused'],
): () => void {
  video.muted = true;
  return attachStream(video, NEVER.pipe(startWith(mediaStream)), onPlaybackRefused);
}

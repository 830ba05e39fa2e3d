import { concatWith, distinctUntilChanged, map, NEVER, type Observable } from 'rxjs';
import { type AttachOptions, attachStream, requireVideo } from '../../../transports/livekit/browser/index.js';

/** Shows local video, muted: one's own voice is not to be heard. Returns what detaches it. */
export function attachPreview(
  video: HTMLVideoElement,
  videoTrack$: Observable<MediaStreamTrack | null>,
  onPlaybackRefused: AttachOptions['onPlaybackRefused'],
): () => void {
  requireVideo(video);
  video.muted = true;
  // A stream for each track: in Firefox an element is done with a stream as soon as its only track is taken out.
  const streams$ = videoTrack$.pipe(
    distinctUntilChanged(),
    map((track) => track && new MediaStream([track])),
  );
  return attachStream(video, streams$.pipe(concatWith(NEVER)), onPlaybackRefused);
}

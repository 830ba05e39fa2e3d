import { concatWith, distinctUntilChanged, NEVER, Observable, of, switchMap } from 'rxjs';
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
    switchMap((track) => (track ? streamWith(track) : of(null))),
  );
  return attachStream(video, streams$.pipe(concatWith(NEVER)), onPlaybackRefused);
}

/** A stream that is emptied when it is no longer wanted: Chromium keeps it as long as a track in it goes on. */
const streamWith = (track: MediaStreamTrack): Observable<MediaStream> =>
  new Observable((subscriber) => {
    const stream = new MediaStream([track]);
    subscriber.next(stream);
    return () => stream.removeTrack(track);
  });

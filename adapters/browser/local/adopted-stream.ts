import { BehaviorSubject, map, Subject } from 'rxjs';
import { type DecartError, invalid } from '../../../core/errors.js';
import { asyncDispose } from '../../../core/ports/streams.js';
import { unplugged } from '../devices/unplugged.js';
import type { BrowserLocalStream } from './browser-local-stream.js';
import { attachPreview } from './preview.js';

const adopted = new WeakMap<MediaStream, BrowserLocalStream>();

/**
 * What a caller brings, as a local stream: it is never stopped, ended or changed.
 * @throws DecartError INVALID_INPUT when nothing of it is live
 */
export function adoptMediaStream(mediaStream: MediaStream): BrowserLocalStream {
  const isLive = ({ readyState }: MediaStreamTrack): boolean => readyState === 'live';
  const videoTrack = mediaStream.getVideoTracks().find(isLive) ?? null;
  const audioTrack = mediaStream.getAudioTracks().find(isLive) ?? null;
  const hasTrack = videoTrack !== null || audioTrack !== null;
  const before = adopted.get(mediaStream);
  if (hasTrack && before?.videoTrack === videoTrack && before.audioTrack === audioTrack) return before;
  // Its listener would stay on the caller's track.
  void before?.dispose();
  if (!hasTrack)
    throw invalid('The MediaStream passed as local stream has no live track. Pass one whose tracks have not ended.');
  const stream = streamOf(mediaStream, videoTrack, audioTrack);
  adopted.set(mediaStream, stream);
  return stream;
}

function streamOf(
  mediaStream: MediaStream,
  given: MediaStreamTrack | null,
  audioTrack: MediaStreamTrack | null,
): BrowserLocalStream {
  const videoTrackSubject = new BehaviorSubject(given);
  const errorSubject = new Subject<DecartError>();
  const onEnded = (): void => {
    present = Object.create(stream, { videoTrack: { value: null } });
    videoTrackSubject.next(null);
    errorSubject.next(unplugged('video track'));
  };
  given?.addEventListener('ended', onEnded);
  const refuse = async (): Promise<never> => {
    throw invalid('A MediaStream of your own is not changed. Use a stream from createLocalVideoStream() to do that.');
  };
  const dispose = async (): Promise<void> => {
    given?.removeEventListener('ended', onEnded);
    if (adopted.get(mediaStream) === stream) adopted.delete(mediaStream);
    videoTrackSubject.complete();
    errorSubject.complete();
  };
  const stream: BrowserLocalStream = {
    id: 'stream-local',
    mediaStream,
    get videoTrack() {
      return videoTrackSubject.value;
    },
    audioTrack,
    videoTrack$: videoTrackSubject.asObservable(),
    changes$: videoTrackSubject.pipe(map(() => present)),
    errors$: errorSubject.asObservable(),
    attach: (video, { onPlaybackRefused } = {}) => attachPreview(video, videoTrackSubject, onPlaybackRefused),
    switchCamera: refuse,
    setMirror: refuse,
    setProcessors: refuse,
    dispose,
    [asyncDispose]: dispose,
  };
  // What is new looks new: a stream that only changed inside would not be rendered again.
  let present = stream;
  return stream;
}

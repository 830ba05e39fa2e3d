// What is seen and asked of whichever session is the present one.
import { defer, distinctUntilChanged, type Observable, switchMap } from 'rxjs';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import type { PlainClient } from './realtime-client.js';
import type { SessionCalls } from './session-calls.js';
import type { RealtimeStreams } from './session-streams.js';

/** The streams of the present session, and of the next from the moment on in which it takes over. */
export function presentStreams<L extends LocalStream, R extends RemoteStream>(
  present$: Observable<PlainClient<L, R>>,
): RealtimeStreams<L, R> {
  type Streams = RealtimeStreams<L, R>;
  const event = <T>(streamOf: (streams: Streams) => Observable<T>): Observable<T> => present$.pipe(switchMap(streamOf));
  const state = <T>(streamOf: (streams: Streams) => Observable<T>): Observable<T> =>
    event(streamOf).pipe(distinctUntilChanged());
  return {
    state$: state(({ state$ }) => state$),
    connectionState$: state(({ connectionState$ }) => connectionState$),
    remoteStream$: state(({ remoteStream$ }) => remoteStream$),
    localStream$: state(({ localStream$ }) => localStream$),
    view$: state(({ view$ }) => view$),
    quality$: state(({ quality$ }) => quality$),
    sessionStarted$: state(({ sessionStarted$ }) => sessionStarted$),
    queuePosition$: state(({ queuePosition$ }) => queuePosition$),
    waitingForCapacity$: state(({ waitingForCapacity$ }) => waitingForCapacity$),
    usage$: state(({ usage$ }) => usage$),
    limitWarning$: state(({ limitWarning$ }) => limitWarning$),
    stats$: event(({ stats$ }) => stats$),
    generationTicks$: event(({ generationTicks$ }) => generationTicks$),
    ended$: event(({ ended$ }) => ended$),
    generationEnded$: event(({ generationEnded$ }) => generationEnded$),
    errors$: event(({ errors$ }) => errors$),
    diagnostics$: event(({ diagnostics$ }) => diagnostics$),
  };
}

/** The calls, on the session that is the present one when they are made. */
export const presentCalls = (present: () => SessionCalls): SessionCalls => ({
  setPrompt: (...call) => present().setPrompt(...call),
  setPrompt$: (...call) => defer(() => present().setPrompt$(...call)),
  setImage: (...call) => present().setImage(...call),
  setImage$: (...call) => defer(() => present().setImage$(...call)),
  set: (...call) => present().set(...call),
  keepAlive: () => present().keepAlive(),
  replaceVideoTrack: (...call) => present().replaceVideoTrack(...call),
  playAudio: (...call) => present().playAudio(...call),
  isPlayAudioAvailable: () => present().isPlayAudioAvailable(),
});

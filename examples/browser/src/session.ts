// Connecting and disconnecting.
import type { DecartClient, RealtimeSession } from 'decart-rx/browser';
import {
  catchError,
  combineLatest,
  concatMap,
  EMPTY,
  filter,
  from,
  map,
  merge,
  type Observable,
  skip,
  switchMap,
  take,
  throwError,
  timeout,
  withLatestFrom,
} from 'rxjs';
import { clicks, element } from './dom.js';
import type { LocalVideo } from './local-video.js';
import { presentPrompt } from './prompt.js';
import type { Format } from './settings.js';

const LOCAL_VIDEO_MS = 15_000;

/** All state-like, but for the last. */
export interface SessionInputs {
  readonly format$: Observable<Format>;
  readonly resolution$: Observable<'720p' | '1080p' | undefined>;
  readonly transport$: Observable<'livekit' | 'webrtc'>;
  /** For direct WebRTC; default: the client's own. */
  readonly iceServers: readonly [] | undefined;
  readonly image$: Observable<File | null>;
  readonly localVideo$: Observable<LocalVideo | null>;
  readonly onError: (error: unknown) => void;
}

/**
 * Runs one session at a time: from one click on the button to the next, with a new one when the options change
 * meanwhile. Its results are on the client's own streams.
 */
export function sessions({ realtime }: DecartClient, inputs: SessionInputs): Observable<unknown> {
  const { format$, resolution$, transport$, iceServers, image$, localVideo$, onError } = inputs;
  const request$ = combineLatest({ format: format$, resolution: resolution$, transport: transport$ });
  const toggled$ = clicks(element('power', HTMLButtonElement)).pipe(
    withLatestFrom(realtime.connectionState$),
    map(([, state]) => state === 'disconnected'),
  );
  const changed$ = request$.pipe(
    skip(1),
    withLatestFrom(realtime.connectionState$),
    filter(([, state]) => state !== 'disconnected'),
    map(() => true),
  );

  return merge(toggled$, changed$).pipe(
    withLatestFrom(request$, image$),
    switchMap(([isWanted, { format, resolution, transport }, image]) => {
      if (!isWanted) return EMPTY;
      const initialPrompt = presentPrompt();
      const options = {
        ...format,
        transport,
        iceServers,
        ...(resolution && { resolution }),
        ...(initialPrompt && { initialPrompt }),
        ...(image && { initialImage: image }),
      };
      return localVideo$.pipe(
        filter((local) => local?.format === format),
        // A camera may have to be allowed first.
        timeout({ first: LOCAL_VIDEO_MS, with: () => throwError(() => new Error('There is no video to send.')) }),
        take(1),
        switchMap((local) =>
          realtime
            .session$(options, local?.stream)
            .pipe(switchMap((session) => following(session, localVideo$, local))),
        ),
        catchError((error: unknown) => {
          onError(error);
          return EMPTY;
        }),
      );
    }),
  );
}

/** Keeps the session on the video of the moment, without another connect. */
const following = (
  session: RealtimeSession,
  localVideo$: Observable<LocalVideo | null>,
  first: LocalVideo | null,
): Observable<unknown> =>
  localVideo$.pipe(
    filter((local) => local !== null && local !== first),
    switchMap((local) => local?.stream.videoTrack$ ?? EMPTY),
    filter((track) => track !== null),
    concatMap((track) => from(session.replaceVideoTrack(track))),
  );

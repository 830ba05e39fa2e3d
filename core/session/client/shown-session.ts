import { catchError, EMPTY, Observable, type SchedulerLike, switchMap, take, timer } from 'rxjs';
import { DecartError } from '../../errors.js';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import type { ConnectOptions } from './options.js';
import type { PlainClient, RealtimeSession, Successor } from './realtime-client.js';

/** How long the first frame may take once the session is connected. */
const FIRST_FRAME_LIMIT_MS = 10_000;

const noFrame = (message: string): DecartError =>
  new DecartError({ code: 'WEBRTC_TIMEOUT_ERROR', message, data: { stage: 'firstFrame' } });

const frameTimedOut = (): DecartError =>
  noFrame(`The new session sent no frame within ${FIRST_FRAME_LIMIT_MS / 1000} s.`);

/** Completes when what a session shows can be replaced. A platform that cannot say when still gets the switch. */
export const momentToReplace = <L extends LocalStream, R extends RemoteStream>(
  { remoteStream$ }: PlainClient<L, R>,
  betweenFrames: (stream: R) => Observable<never>,
): Observable<never> =>
  remoteStream$.pipe(
    take(1),
    switchMap((stream) => (stream === null ? EMPTY : betweenFrames(stream))),
    catchError(() => EMPTY),
  );

/** A session that waits for its moment. */
export interface ShownLater extends Successor {
  /** Begins with the first frame, and completes in the moment to show it. */
  ready(): Observable<never>;
}

/**
 * As `session$`, but emits only when there is something to be seen: the session is connected and a frame has come.
 * `ready` then says when.
 */
export const shownSession = <L extends LocalStream, R extends RemoteStream>(
  realtime: PlainClient<L, R>,
  options: ConnectOptions<R>,
  localStream: object | null | undefined,
  later: ShownLater,
  scheduler: SchedulerLike,
): Observable<RealtimeSession<L, R>> =>
  new Observable((subscriber) => {
    let session: RealtimeSession<L, R> | null = null;
    let hasFrame = false;
    let isShown = false;
    const show = (): void => {
      if (session === null || !hasFrame) return;
      waiting.unsubscribe();
      const shown = session;
      const emit = (): void => {
        isShown = true;
        subscriber.next(shown);
      };
      subscriber.add(later.ready().subscribe({ complete: emit }));
    };
    const waiting = realtime.diagnostics$.subscribe((event) => {
      if (event.name !== 'firstFrame') return;
      hasFrame = true;
      show();
    });
    subscriber.add(waiting);
    subscriber.add(
      realtime.session$(options, localStream, later).subscribe({
        next(connected) {
          waiting.add(timer(FIRST_FRAME_LIMIT_MS, scheduler).subscribe(() => subscriber.error(frameTimedOut())));
          session = connected;
          show();
        },
        error: (error: unknown) => subscriber.error(error),
        complete() {
          // By a limit of its own, say.
          if (!isShown) subscriber.error(noFrame('The new session ended before it was shown.'));
          subscriber.complete();
        },
      }),
    );
  });

// Two cores over one platform: the next session comes up on one while the present one is shown from the other.
import { BehaviorSubject, EMPTY, filter, Observable, type SchedulerLike, Subscription, take } from 'rxjs';
import { DecartError, type Failure, isDecartError } from '../../errors.js';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import { selectConnectId } from '../machine/select.js';
import { isLive } from '../machine/state.js';
import { billedSeconds } from '../machine/usage.js';
import { callbacksOf } from './callbacks.js';
import { createCores, type SessionCore } from './cores.js';
import { sessionSteps } from './inspect.js';
import type { ConnectOptions } from './options.js';
import { presentCalls, presentStreams } from './present-session.js';
import type { PlainClient, RealtimeClient, RealtimeSession } from './realtime-client.js';
import { renewalDelayMs, renewalDue, renewedOptions } from './renewal.js';
import { momentToReplace, shownSession } from './shown-session.js';

const newerConnect: Failure = { code: 'ABORTED', message: 'A newer connect() took over.' };

/** The realtime client as the caller has it: one session, which another one can replace without a gap. */
export function createSwitchingClient<L extends LocalStream, R extends RemoteStream>(
  open: () => SessionCore<L, R>,
  scheduler: SchedulerLike,
  betweenFrames: (stream: R) => Observable<never> = () => EMPTY,
): RealtimeClient<L, R> {
  type Session = RealtimeSession<L, R>;
  const cores = createCores(open);
  /** Calls off the switch that is on its way. */
  let cancelSwitch: () => void = () => undefined;
  const switchingSubject = new BehaviorSubject(false);

  const report = (outcome: 'done' | 'plain' | 'failed', reason: string | null): void =>
    cores.present.loop.dispatch({ type: 'caller.switchReported', outcome, reason });

  /** A session of the caller's, be it renewed: emits it when it is up, and again when a renewal has taken over. */
  const sessions$ = (
    options: ConnectOptions<R>,
    given: object | null | undefined,
    isSeamless: boolean,
  ): Observable<Session> =>
    new Observable((subscriber) => {
      cancelSwitch();
      /** What holds the session that is shown. */
      let holding = new Subscription();
      let renewing: Subscription | null = null;
      const renewAfterMs = renewalDelayMs(options);

      const live = (session: Session): void => {
        renewing?.unsubscribe();
        if (renewAfterMs !== null)
          renewing = renewalDue(session.state$, renewAfterMs, switchingSubject, scheduler).subscribe(renew);
        subscriber.next(session);
      };

      function connect(asked: ConnectOptions<R>): void {
        const mine = new Subscription();
        holding = mine;
        mine.add(
          cores.present.realtime.session$(asked, given).subscribe({
            next: live,
            error: (error: unknown) => holding === mine && subscriber.error(error),
            complete: () => holding === mine && subscriber.complete(),
          }),
        );
      }

      const renewed = (): ConnectOptions<R> => renewedOptions(options, cores.present.loop.state().intent);
      const renew = (): void => switchTo(renewed(), true);

      /** The plain way: what there is ends first, and the bill of `core` goes on. */
      function reconnect(asked: ConnectOptions<R>, core: SessionCore<L, R>): void {
        const earlierSeconds = billedSeconds(core.loop.state().usage) ?? 0;
        connect(asked);
        // The loop may be in the middle of an event: it takes the connect after that.
        holding.add(scheduler.schedule(() => cores.carryOver(earlierSeconds)));
      }

      function switchTo(asked: ConnectOptions<R>, isRenewal: boolean): void {
        const old = cores.present;
        const was = old.loop.state();
        if (!isLive(was)) return isRenewal ? undefined : connect(asked);
        const { connectId, localStream } = was.connection;
        const shared = given ?? (localStream === 'none' ? undefined : old.loop.localStream(was));
        const sharesOwnStream = localStream === 'open' && (given === undefined || given === null);
        const isSameVideo = isRenewal || given === undefined || given === null;
        const videoTrack = isSameVideo ? old.loop.videoTrack(connectId) : null;
        const next = cores.spare();
        const publish = (): Observable<never> => {
          const state = next.loop.state();
          if (videoTrack === null || !isLive(state)) return EMPTY;
          return next.loop.replaceVideoTrack(state.connection.connectId, state.attempt.id, videoTrack);
        };
        const ready = () => momentToReplace(old.realtime, betweenFrames);
        const mine = new Subscription();
        let isShown = false;
        const { shown, callBack } = callbacksOf(asked, () => isShown);
        const cancel = (): void => {
          stop();
          if (!isRenewal) subscriber.error(new DecartError(newerConnect));
        };
        const settle = (): void => {
          if (cancelSwitch !== cancel) return;
          cancelSwitch = () => undefined;
          switchingSubject.next(false);
        };
        const stop = (): void => {
          settle();
          mine.unsubscribe();
        };
        const fail = (error: unknown): void => {
          const code = isDecartError(error) ? error.code : 'WEBRTC_SERVER_ERROR';
          stop();
          report(code === 'SESSION_LIMIT_REACHED' ? 'plain' : 'failed', code);
          if (code === 'SESSION_LIMIT_REACHED' && isRenewal)
            reconnect({ ...renewed(), whenFull: 'wait' }, cores.present);
          else if (code === 'SESSION_LIMIT_REACHED') connect({ ...asked, whenFull: 'wait' });
          else if (!isRenewal) subscriber.error(error);
        };
        cancelSwitch = cancel;
        switchingSubject.next(true);
        if (sharesOwnStream && !isRenewal) {
          // What it would publish ends with the older session: it has to open a camera of its own.
          const gone$ = old.loop.state$.pipe(filter((state) => !isShown && selectConnectId(state) !== connectId));
          mine.add(
            gone$.pipe(take(1)).subscribe(() => {
              stop();
              reconnect(asked, next);
            }),
          );
        }
        mine.add(
          shownSession(next.realtime, shown, shared, { publish, ready }, scheduler).subscribe({
            next(session) {
              isShown = true;
              holding = mine;
              cores.takeOver({ next, old, was, isRenewal, sharesOwnStream });
              settle();
              report('done', null);
              callBack(next);
              live(session);
            },
            error: (error: unknown) => {
              if (!isShown) fail(error);
              else if (holding === mine) subscriber.error(error);
            },
            complete: () => holding === mine && subscriber.complete(),
          }),
        );
        subscriber.add(() => !isShown && stop());
      }

      if (isSeamless) switchTo(options, false);
      else connect(options);
      return () => {
        renewing?.unsubscribe();
        holding.unsubscribe();
      };
    });

  const streamOf = (session$: Observable<Session>): Promise<R> =>
    new Promise((resolve, reject) => {
      // Stays subscribed after it has emitted: unsubscribing would end the session.
      session$.subscribe({
        next: ({ remoteStream$ }) => remoteStream$.pipe(take(1)).subscribe((stream) => stream && resolve(stream)),
        error: reject,
      });
    });

  return {
    ...presentStreams(cores.present$),
    ...presentCalls(() => cores.present.realtime),
    connect: (options: ConnectOptions<R>, localStream?: object | null) =>
      streamOf(sessions$(options, localStream, false)),
    session$: (options: ConnectOptions<R>, localStream?: object | null) => sessions$(options, localStream, false),
    switchTo: (options: ConnectOptions<R>, localStream?: object | null) =>
      streamOf(sessions$(options, localStream, true)),
    switchTo$: (options: ConnectOptions<R>, localStream?: object | null) => sessions$(options, localStream, true),
    createLocalVideoStream: (...call: Parameters<PlainClient<L, R>['createLocalVideoStream']>) =>
      cores.present.realtime.createLocalVideoStream(...call),
    subscribe: cores.root.realtime.subscribe,
    checkConnectivity: cores.root.realtime.checkConnectivity,
    quota: cores.root.realtime.quota,
    isConnected: () => cores.present.realtime.isConnected(),
    getConnectionQuality: () => cores.present.realtime.getConnectionQuality(),
    async disconnect() {
      cancelSwitch();
      await cores.disconnect();
    },
    async release() {
      cancelSwitch();
      await cores.release();
    },
    toJSON: () => cores.present.realtime.toJSON(),
    get sessionId() {
      return cores.present.realtime.sessionId;
    },
    get subscribeToken() {
      return cores.present.realtime.subscribeToken;
    },
    get [sessionSteps]() {
      return cores.present.realtime[sessionSteps];
    },
  } satisfies RealtimeClient<L, R>;
}

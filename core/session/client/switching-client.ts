// Two cores over one platform: the next session comes up on one while the present one is shown from the other.
import { BehaviorSubject, EMPTY, filter, Observable, type SchedulerLike, Subscription, take } from 'rxjs';
import { DecartError, type Failure, isDecartError } from '../../errors.js';
import type { LocalStream, RemoteStream, VideoTrackInput } from '../../ports/streams.js';
import { clientReleased, disconnectCalled } from '../machine/endings.js';
import { selectConnectId } from '../machine/select.js';
import { isActive, isLive } from '../machine/state.js';
import { billedSeconds } from '../machine/usage.js';
import { callbacksOf } from './callbacks.js';
import { createCores, type SessionCore } from './cores.js';
import { sessionSteps } from './inspect.js';
import type { ConnectOptions } from './options.js';
import { presentCalls, presentStreams } from './present-session.js';
import type { PlainClient, RealtimeClient, RealtimeSession } from './realtime-client.js';
import { renewalDelayMs, renewalDue, renewedOptions } from './renewal.js';
import { momentToReplace, shownSession } from './shown-session.js';

/** The caller's own local stream, if there is one. */
type Given = object | null | undefined;

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
  let cancelSwitch: (failure: Failure) => void = () => undefined;
  const switchingSubject = new BehaviorSubject(false);

  const report = (outcome: 'done' | 'plain' | 'failed', reason: string | null): void =>
    cores.present.loop.dispatch({ type: 'caller.switchReported', outcome, reason });

  /** A session of the caller's, be it renewed: emits it when it is up, and again when a renewal has taken over. */
  const sessions$ = (options: ConnectOptions<R>, given: Given, isSeamless: boolean): Observable<Session> =>
    new Observable((subscriber) => {
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

      function connect(asked: ConnectOptions<R>, localStream: Given = given, videoTrack: unknown = null): void {
        const mine = new Subscription();
        holding = mine;
        mine.add(
          cores.present.realtime
            .session$(asked, localStream, { videoTrack, onAccepted: () => cancelSwitch(newerConnect) })
            .subscribe({
              next: live,
              error: (error: unknown) => holding === mine && subscriber.error(error),
              complete: () => holding === mine && subscriber.complete(),
            }),
        );
      }

      const renewed = (): ConnectOptions<R> => renewedOptions(options, cores.present.loop.state().intent);
      const renew = (): void => switchTo(renewed(), true);

      /** The plain way: what there is ends first, and the bill of `core` goes on. */
      function reconnect(
        asked: ConnectOptions<R>,
        core: SessionCore<L, R>,
        localStream: Given,
        videoTrack: unknown,
      ): void {
        const earlierSeconds = billedSeconds(core.loop.state().usage) ?? 0;
        connect(asked, localStream, videoTrack);
        // The loop may be in the middle of an event: it takes the connect after that.
        holding.add(scheduler.schedule(() => cores.carryOver(earlierSeconds)));
      }

      function switchTo(asked: ConnectOptions<R>, isRenewal: boolean): void {
        const old = cores.present;
        const was = old.loop.state();
        if (!isActive(was)) return isRenewal ? undefined : connect(asked);
        const { connectId, localStream } = was.connection;
        const isGiven = given !== undefined && given !== null;
        const shared = given ?? old.loop.localStream(was);
        const sharesOwnStream = localStream === 'open' && !isGiven;
        // A stream of the older session's own is disposed of when that ends first.
        const kept = localStream === 'caller' ? shared : given;
        const replacement = (): unknown => (isRenewal || !isGiven ? old.loop.videoTrack(connectId) : null);
        const videoTrack = replacement();
        if (!isLive(was)) return isRenewal ? undefined : connect(asked, kept, videoTrack);
        const next = cores.spare();
        const ready = () => momentToReplace(old.realtime, betweenFrames);
        const mine = new Subscription();
        let isShown = false;
        const { shown, callBack } = callbacksOf(asked, () => isShown);
        const cancel = (failure: Failure): void => {
          stop();
          if (!isRenewal) subscriber.error(new DecartError(failure));
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
            reconnect({ ...renewed(), whenFull: 'wait' }, old, kept, videoTrack);
          else if (code === 'SESSION_LIMIT_REACHED') connect({ ...asked, whenFull: 'wait' }, kept, videoTrack);
          else if (!isRenewal) subscriber.error(error);
        };
        const onAccepted = (): void => {
          cancelSwitch(newerConnect);
          cancelSwitch = cancel;
          switchingSubject.next(true);
        };
        if (sharesOwnStream && !isRenewal) {
          // What it would publish ends with the older session: it has to open a camera of its own.
          const gone$ = old.loop.state$.pipe(filter((state) => !isShown && selectConnectId(state) !== connectId));
          mine.add(
            gone$.pipe(take(1)).subscribe(() => {
              stop();
              reconnect(asked, next, given, videoTrack);
            }),
          );
        }
        mine.add(
          shownSession(next.realtime, shown, shared, { videoTrack, onAccepted, ready }, scheduler).subscribe({
            next(session) {
              isShown = true;
              holding = mine;
              const latest = replacement();
              cores.takeOver({ next, old, was, isRenewal, sharesOwnStream });
              settle();
              report('done', null);
              // Replaced while this session came up.
              if (latest !== null && latest !== videoTrack)
                session.replaceVideoTrack(latest as VideoTrackInput<L>).catch(() => undefined);
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
      cancelSwitch(disconnectCalled);
      await cores.disconnect();
    },
    async release() {
      cancelSwitch(clientReleased);
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

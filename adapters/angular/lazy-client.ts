// A client at hand at once, whose code comes with the first call.
import { defer, distinctUntilChanged, EMPTY, from, type Observable, of, ReplaySubject, switchMap } from 'rxjs';
import { DecartError } from '../../core/errors.js';
import { asyncDispose } from '../../core/ports/streams.js';
import { sessionSteps } from '../../core/session/client/inspect.js';
import { clientReleased } from '../../core/session/machine/endings.js';
import { initialSessionState } from '../../core/session/machine/state.js';
import { noUsage, sessionUsageOf } from '../../core/session/machine/usage.js';
import type { DecartClient } from '../browser/index.js';

type Realtime = DecartClient['realtime'];

const initialView = Object.freeze({
  connectionState: 'disconnected',
  remoteStream: null,
  sessionStarted: null,
  queuePosition: null,
});

export interface LazyClient extends DecartClient {
  /** Loads the client, if it has not been yet. Rejects as the calls do. */
  load(): Promise<DecartClient>;
}

/**
 * A client whose calls wait for `create`, in order. State-like streams replay what a client begins with until then;
 * subscribing to a stream loads nothing. `create` is called again when it has failed. `null`, for a server: the calls
 * stay pending.
 */
export function lazyClient(create: (() => Promise<DecartClient>) | null): LazyClient {
  let present: DecartClient | null = null;
  let loading: Promise<DecartClient> | null = null;
  let released: Promise<void> | null = null;
  /** Replays after it has completed, too: nothing follows the client. */
  const clientSubject = new ReplaySubject<DecartClient | null>(1);
  clientSubject.next(null);

  const load = (): Promise<DecartClient> => {
    if (present) return Promise.resolve(present);
    if (released) return Promise.reject(new DecartError(clientReleased));
    if (create === null) return new Promise(() => undefined);
    loading ??= create().then(
      (client) => {
        present = client;
        clientSubject.next(client);
        clientSubject.complete();
        return client;
      },
      (error: unknown) => {
        loading = null;
        throw error;
      },
    );
    return loading;
  };

  /** A call sends at once when the client is there. */
  const call = <T>(ask: (client: DecartClient) => Promise<T>): Promise<T> =>
    present ? ask(present) : load().then(ask);
  const cold = <T>(ask: (client: DecartClient) => Observable<T>): Observable<T> =>
    defer(() => (present ? ask(present) : from(load()).pipe(switchMap(ask))));
  const state = <T>(initial: T, select: (realtime: Realtime) => Observable<T>): Observable<T> =>
    clientSubject.pipe(
      switchMap((client) => (client ? select(client.realtime) : of(initial))),
      distinctUntilChanged(),
    );
  const events = <T>(select: (realtime: Realtime) => Observable<T>): Observable<T> =>
    clientSubject.pipe(switchMap((client) => (client ? select(client.realtime) : EMPTY)));

  const realtime: Realtime = {
    connectionState$: state('disconnected', (r) => r.connectionState$),
    remoteStream$: state(null, (r) => r.remoteStream$),
    localStream$: state(null, (r) => r.localStream$),
    quality$: state(null, (r) => r.quality$),
    view$: state(initialView, (r) => r.view$),
    sessionStarted$: state(null, (r) => r.sessionStarted$),
    queuePosition$: state(null, (r) => r.queuePosition$),
    waitingForCapacity$: state(false, (r) => r.waitingForCapacity$),
    usage$: state(sessionUsageOf(noUsage), (r) => r.usage$),
    limitWarning$: state(null, (r) => r.limitWarning$),
    state$: state(initialSessionState, (r) => r.state$),
    stats$: events((r) => r.stats$),
    generationTicks$: events((r) => r.generationTicks$),
    generationEnded$: events((r) => r.generationEnded$),
    errors$: events((r) => r.errors$),
    ended$: events((r) => r.ended$),
    diagnostics$: events((r) => r.diagnostics$),
    [sessionSteps]: events((r) => r[sessionSteps]),
    toJSON: () => present?.realtime.toJSON() ?? { connectionState: 'disconnected', sessionId: null },
    get sessionId() {
      return present?.realtime.sessionId ?? null;
    },
    get subscribeToken() {
      return present?.realtime.subscribeToken ?? null;
    },
    // A sign of the user that nothing waits for.
    keepAlive: () => present?.realtime.keepAlive(),
    isConnected: () => present?.realtime.isConnected() ?? false,
    getConnectionQuality: () => present?.realtime.getConnectionQuality() ?? null,
    connect: (...args) => call((client) => client.realtime.connect(...args)),
    session$: (...args) => cold((client) => client.realtime.session$(...args)),
    switchTo: (...args) => call((client) => client.realtime.switchTo(...args)),
    switchTo$: (...args) => cold((client) => client.realtime.switchTo$(...args)),
    setPrompt: (...args) => call((client) => client.realtime.setPrompt(...args)),
    setPrompt$: (...args) => cold((client) => client.realtime.setPrompt$(...args)),
    setImage: (...args) => call((client) => client.realtime.setImage(...args)),
    setImage$: (...args) => cold((client) => client.realtime.setImage$(...args)),
    set: (...args) => call((client) => client.realtime.set(...args)),
    replaceVideoTrack: (...args) => call((client) => client.realtime.replaceVideoTrack(...args)),
    createLocalVideoStream: (...args) => call((client) => client.realtime.createLocalVideoStream(...args)),
    playAudio: (...args) => call((client) => client.realtime.playAudio(...args)),
    isPlayAudioAvailable: () => present?.realtime.isPlayAudioAvailable() ?? false,
    subscribe: (...args) => call((client) => client.realtime.subscribe(...args)),
    quota: (...args) => call((client) => client.realtime.quota(...args)),
    checkConnectivity: (...args) => call((client) => client.realtime.checkConnectivity(...args)),
    // Without a client there is nothing to end.
    disconnect: async () => {
      if (loading) await call((client) => client.realtime.disconnect());
    },
    release: () => release(),
  };

  const release = (): Promise<void> => {
    released ??= (async () => {
      // A client that could not be loaded has nothing to release.
      const client = await loading?.catch(() => null);
      await client?.release();
      clientSubject.complete();
    })();
    return released;
  };

  return {
    load,
    realtime,
    queue: {
      submit: (...args) => call(({ queue }) => queue.submit(...args)),
      status: (...args) => call(({ queue }) => queue.status(...args)),
      result: (...args) => call(({ queue }) => queue.result(...args)),
      submitAndPoll: (...args) => call(({ queue }) => queue.submitAndPoll(...args)),
      jobs$: (...args) => cold(({ queue }) => queue.jobs$(...args)),
      watch$: (...args) => cold(({ queue }) => queue.watch$(...args)),
    },
    images: { edit: (...args) => call(({ images }) => images.edit(...args)) },
    models: { resolve: (...args) => call(({ models }) => models.resolve(...args)) },
    tokens: { create: (...args) => call(({ tokens }) => tokens.create(...args)) },
    files: {
      upload: (...args) => call(({ files }) => files.upload(...args)),
      upload$: (...args) => cold(({ files }) => files.upload$(...args)),
      get: (...args) => call(({ files }) => files.get(...args)),
      delete: (...args) => call(({ files }) => files.delete(...args)),
    },
    release,
    [asyncDispose]: release,
  };
}

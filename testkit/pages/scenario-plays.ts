// What a user does in a session whose service follows a script: the same on every transport and in every place.
import {
  catchError,
  concat,
  defer,
  filter,
  ignoreElements,
  map,
  type Observable,
  of,
  switchMap,
  take,
  takeWhile,
  toArray,
} from 'rxjs';
import type { ConnectOptions } from '../../core/session/client/options.js';
import type { RealtimeSession } from '../../core/session/client/realtime-client.js';
import { type Scenario, scenario } from '../scenario/builder.js';

/** The ways into a session: two over a LiveKit room, and one over a peer connection of its own. */
export type WayIn = 'lean' | 'bundled' | 'webrtc';
export const waysIn: readonly WayIn[] = ['lean', 'bundled', 'webrtc'];

/** What the user does in a live session, and what the client reports of it. */
export type User = (session: RealtimeSession) => Observable<unknown>;

export interface TransportPlay {
  readonly script: (way: WayIn) => Scenario;
  readonly options: Partial<ConnectOptions>;
  readonly user: User;
  /** What their calls come to, in order. */
  readonly log: readonly string[];
}

export const wayOptions = (way: WayIn): Partial<ConnectOptions> =>
  way === 'webrtc' ? { transport: 'webrtc', iceServers: [] } : { handshake: way };

export const stateIs =
  (wanted: string): User =>
  ({ connectionState$ }) =>
    connectionState$.pipe(
      filter((state) => state === wanted),
      take(1),
    );

/** How a request ends, in the service's words. */
export const outcome = (call$: Observable<never>): Observable<string> =>
  concat(call$.pipe(ignoreElements()), of('done')).pipe(
    catchError(({ message }: Error) => of(message.replace(/^.*?(no forests here).*$/, '$1'))),
  );

/** In direct WebRTC the initial state and its ack come first. */
const comeIn = (script: Scenario, way: WayIn): Scenario =>
  way === 'webrtc'
    ? script.expectPrompt('rain').ack().expectOffer().answer()
    : script.expectJoin({ passthrough: false }).roomInfo().expectPrompt('rain').ack();

const comeBack = (script: Scenario, way: WayIn): Scenario =>
  way === 'webrtc'
    ? script.expectImage().ack().refuseJoins(1).expectImage().ack().expectOffer().queue(0).answer()
    : script.refuseJoins(1).expectJoin().queue(0).roomInfo().expectImage().ack();

const wholeLife: TransportPlay = {
  script: (way) =>
    comeBack(
      comeIn(scenario().expectConnect({ model: 'lucy-2.1' }).queue(3, 10), way)
        .generationStarted()
        .generationTick()
        .expectPrompt('a forest', { enhance: true })
        .ack({ error: 'no forests here' })
        .expectImage({ image: 'bytes', prompt: 'a vase' })
        .ack()
        .after(20)
        .dropSocket(1011)
        .refuseConnects(1, 502),
      way,
    ).expectClose(),
  options: { initialPrompt: { text: 'rain' } },
  user: (session) =>
    concat(
      stateIs('generating')(session),
      outcome(session.setPrompt$('a forest')),
      outcome(session.setImage$(Uint8Array.of(1, 2, 3), { prompt: 'a vase' })),
      defer(() => stateIs('reconnecting')(session)),
      defer(() => stateIs('connected')(session)),
    ),
  log: ['generating', 'no forests here', 'done', 'reconnecting', 'connected'],
};

const theRestIsServed: TransportPlay = {
  script: (way) => {
    const script = way === 'webrtc' ? scenario().expectImage({ image: 'none' }).ack() : scenario();
    return script.refuseJoins(1, 'full').serve();
  },
  options: {},
  user: ({ setPrompt$, setImage$ }) => concat(outcome(setPrompt$('one')), outcome(setImage$(null))),
  log: ['done', 'done'],
};

export const transportPlays: Readonly<Record<string, TransportPlay>> = {
  'a whole life': wholeLife,
  '`serve` leaves the rest to the service': theRestIsServed,
};

const END = Symbol('the end');

/** What the calls of a user come to in a session; when the user has done everything, the session is left. */
export const playLog = (session$: Observable<RealtimeSession>, user: User): Observable<string[]> =>
  session$.pipe(
    switchMap((session) => concat(user(session), of(END))),
    takeWhile((line) => line !== END),
    catchError((error: Error) => of(`failed: ${error.message}`)),
    map(String),
    toArray(),
  );

/** Every play uses these. */
export const playOptions: ConnectOptions = { model: 'lucy-2.1', reconnect: { retries: 3, initialDelayMs: 20 } };

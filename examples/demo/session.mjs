import {
  asapScheduler,
  catchError,
  concatMap,
  EMPTY,
  filter,
  firstValueFrom,
  fromEvent,
  map,
  merge,
  observeOn,
  range,
  repeat,
  switchMap,
  take,
  tap,
  timer,
} from 'rxjs';
import { DemoError } from './demo-error.mjs';
import { nextPair } from './frame-pairs.mjs';

const SAMPLES = 8;

const isGenerating = (state) => state === 'generating';

/** @param {string} state */
export const isLive = (state) => state === 'connected' || state === 'generating';

/**
 * Lives through one session: connect, change the prompt twice, lose the signaling socket in between, end. A limit of
 * billed seconds may end it before.
 *
 * @param {object} parts
 * @param {import('decart-rx/node').DecartClient['realtime']} parts.realtime
 * @param {import('decart-rx/node').NodeLocalStream} parts.local
 * @param {import('decart-rx/node').RealtimeModel} parts.model
 * @param {readonly [string, string, string]} parts.prompts
 * @param {'livekit' | 'webrtc'} parts.transport
 * @param {number} parts.seconds
 * @param {number | null} parts.maxSeconds
 * @param {(() => void) | null} parts.cutSocket
 * @param {import('./journal.mjs').Journal} parts.journal
 * @param {AbortSignal} parts.signal
 * @returns {Promise<{ samples: import('./contact-sheet.mjs').Sample[], timeToFirstFrameMs: number | null, wasCut: boolean }>}
 */
export async function liveThroughSession({
  realtime,
  local,
  model,
  prompts,
  transport,
  seconds,
  maxSeconds,
  cutSocket,
  journal,
  signal,
}) {
  const { now } = journal;
  const connectAtMs = now();
  const state = (matches) => realtime.connectionState$.pipe(filter(matches), take(1));

  const incoming$ = realtime.remoteStream$.pipe(switchMap((stream) => stream?.frames$ ?? EMPTY));
  /** @type {number | null} */
  let firstFrameAtMs = null;
  const firstFrame = incoming$.pipe(take(1)).subscribe(() => {
    firstFrameAtMs = now();
    journal.note('first frame');
  });

  const acked = journal.promptAsked(prompts[0]);
  const connectOptions = {
    model,
    transport,
    initialPrompt: { text: prompts[0] },
    // Frames carry a marker: it measures the latency, and pairs input with output frames.
    debugQuality: true,
    // The demo is interactive: a service that does not respond is reported soon.
    reconnect: { retries: 2 },
    ...(maxSeconds !== null && { limits: { maxSeconds } }),
    signal,
  };
  await realtime.connect(connectOptions, local);
  acked();
  const beganMs = now();
  const at = (fraction) => timer(Math.max(0, beganMs + fraction * seconds * 1_000 - now()));

  // Whatever is waited for from here on, the end of the session or an interruption comes first.
  const failure$ = merge(
    realtime.ended$.pipe(
      // Behind what the session says of it on its other streams.
      observeOn(asapScheduler),
      map((end) => (end.by === 'limit' ? new LimitReached(end.reason) : sessionLost(journal))),
    ),
    fromEvent(signal, 'abort').pipe(map(() => signal.reason)),
  ).pipe(
    tap((error) => {
      throw error;
    }),
  );
  const until = (something$) => firstValueFrom(merge(something$, failure$).pipe(take(1)));
  const changePrompt = async (prompt) => {
    const done = journal.promptAsked(prompt);
    await realtime.setPrompt(prompt);
    journal.note(`prompt acknowledged in ${done().toFixed(0)} ms: ${prompt}`);
  };

  let wasCut = false;
  const samples = [];
  const sampling = range(0, SAMPLES)
    .pipe(
      concatMap((number) => at((number + 0.6) / SAMPLES).pipe(switchMap(() => settledPair(local, incoming$, journal)))),
      // Without frames there is nothing to sample; the session itself reports why.
      catchError(() => EMPTY),
    )
    .subscribe((sample) => samples.push(sample));
  try {
    await until(at(0.3));
    await changePrompt(prompts[1]);
    await until(at(0.5));
    if (cutSocket !== null) {
      await until(state(isGenerating));
      journal.note('the signaling socket is cut');
      cutSocket();
      wasCut = true;
      await until(state((value) => value === 'reconnecting'));
      await until(state(isGenerating));
    }
    await until(at(0.7));
    await changePrompt(prompts[2]);
    await until(at(1));
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    journal.note(error.message);
  } finally {
    sampling.unsubscribe();
    firstFrame.unsubscribe();
  }
  return { samples, wasCut, timeToFirstFrameMs: firstFrameAtMs === null ? null : firstFrameAtMs - connectAtMs };
}

/** The end that was asked for. */
class LimitReached extends Error {
  constructor(limit) {
    super(`the session ended by its limit: ${limit}`);
  }
}

/** A frame's way there and back while one prompt was in force all along. */
function settledPair(local, incoming$, journal) {
  return nextPair(local.frames$, incoming$, journal.now).pipe(
    repeat(),
    map((pair) => ({ ...pair, prompt: journal.promptDuring(pair.inputAtMs, pair.outputAtMs) })),
    filter(({ prompt }) => prompt !== null),
    take(1),
  );
}

function sessionLost({ errors }) {
  const last = errors.at(-1);
  return new DemoError(last === undefined ? 'The session ended early.' : `The session was lost: ${last.message}`);
}

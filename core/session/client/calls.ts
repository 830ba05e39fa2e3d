import { EMPTY, filter, map, Observable } from 'rxjs';
import { aborts } from '../../abort.js';
import { checkDurationMs, checkObject, checkText, checkTypes, invalidInput } from '../../check.js';
import { DecartError } from '../../errors.js';
import type { ImageInput } from '../../ports/platform.js';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import { abortable } from '../../rest/abortable.js';
import type { EndedBy } from '../machine/endings.js';
import type { UntimedEvent } from '../machine/events.js';
import { needsSession } from '../machine/requests.js';
import { selectConnectId } from '../machine/select.js';
import { isLive, type SessionState } from '../machine/state.js';
import type { SessionLoop } from '../runtime/loop.js';
import type { RequestOptions, SessionCalls } from './session-calls.js';

/** Who ends a session on purpose: by a call, or by a limit of its own. */
const byCaller: readonly EndedBy[] = ['caller', 'limit'];

/** The calls on a session. `connectId`: on that one only; `null`: on whichever is in force. */
export function createSessionCalls<L extends LocalStream, R extends RemoteStream>(
  loop: SessionLoop<L, R>,
  connectId: number | null,
): SessionCalls {
  function checkInForce(call: string): void {
    const state = loop.state();
    if (connectId === null || (isLive(state) && state.connection.connectId === connectId)) return;
    const message = `${call} needs a connected session; this one is over or reconnecting.`;
    throw new DecartError({ code: 'WEBRTC_SIGNALING_ERROR', message, data: { state: state.status } });
  }

  const isPlayAudioAvailable = (): boolean => {
    const state = loop.state();
    const isOurs = connectId === null || selectConnectId(state) === connectId;
    return isOurs && isLive(state) && state.connection.plan.playsAudio;
  };

  /** Subscribing sends, unsubscribing cancels, the ack completes. What `check` throws errors likewise. */
  const request = (
    options: RequestOptions,
    check: () => { image: ImageInput | null; event: (requestId: number) => UntimedEvent },
  ): Observable<never> =>
    new Observable((subscriber) => {
      let checked: ReturnType<typeof check>;
      try {
        checkTypes(checkObject(options, 'options'), ['enhance'], 'boolean');
        subscriber.add(aborts(options.signal).subscribe((error) => subscriber.error(error)));
        if (subscriber.closed) return;
        checked = check();
      } catch (error) {
        return subscriber.error(error);
      }
      const { image, event } = checked;
      let requestId: number | null = null;
      let isOver = false;
      loop.request(
        {
          image,
          settle(failure) {
            isOver = true;
            if (failure === null) subscriber.complete();
            else subscriber.error(new DecartError(failure));
          },
        },
        (id) => {
          // A call made from inside a subscriber waits for its turn, and may be cancelled before that comes.
          if (isOver) return null;
          requestId = id;
          return event(id);
        },
      );
      return () => {
        if (isOver) return;
        isOver = true;
        if (requestId !== null) loop.dispatch({ type: 'caller.requestCancelled', requestId });
      };
    });

  /** A call that runs in the room of a session. One that the caller ends gives it up. */
  const inSession = (id: number, call$: Observable<never>, signal?: AbortSignal): Promise<void> => {
    const released$ = loop.outputs$.pipe(
      filter((output) => output.type === 'ended' && output.connectId === id && byCaller.includes(output.end.by)),
      map(() => new DecartError({ code: 'ABORTED', message: 'The session was ended during the call.' })),
    );
    return completionOf(call$.pipe(abortable({ released$ }, signal)));
  };

  const timeoutOf = ({ timeoutMs }: RequestOptions): number | null =>
    timeoutMs === undefined ? null : checkDurationMs(timeoutMs, 'timeoutMs');

  const setPrompt$: SessionCalls['setPrompt$'] = (text, options = {}) =>
    request(options, () => {
      checkInForce('setPrompt');
      const prompt = checkText(text, 'prompt');
      const { enhance = true } = options;
      const timeoutMs = timeoutOf(options);
      return {
        image: null,
        event: (requestId) => ({ type: 'caller.promptRequested', requestId, prompt, enhance, timeoutMs }),
      };
    });

  const setImage$: SessionCalls['setImage$'] = (image, options = {}) =>
    request(options, () => {
      checkInForce('setImage');
      if (image === undefined) throw invalidInput('image', 'expected an image, or null to clear it');
      const { enhance = true } = options;
      const { prompt } = options;
      if (prompt !== undefined && prompt !== null) checkText(prompt, 'prompt');
      const timeoutMs = timeoutOf(options);
      const hasImage = image !== null;
      return {
        image,
        event: (requestId) => ({ type: 'caller.imageRequested', requestId, hasImage, prompt, enhance, timeoutMs }),
      };
    });

  return {
    setPrompt$,
    setPrompt: (prompt, options) => completionOf(setPrompt$(prompt, options)),
    setImage$,
    setImage: (image, options) => completionOf(setImage$(image, options)),
    set(wish) {
      const { prompt, image, ...options } = Object(wish) as typeof wish;
      if (image !== undefined)
        return completionOf(setImage$(image, prompt === undefined ? options : { ...options, prompt }));
      if (typeof prompt === 'string') return completionOf(setPrompt$(prompt, options));
      return Promise.reject(invalidInput('prompt', 'set() needs a prompt, an image, or both'));
    },
    keepAlive() {
      const state = loop.state();
      if (connectId === null || selectConnectId(state) === connectId)
        loop.dispatch({ type: 'caller.activityReported' });
    },
    async replaceVideoTrack(track) {
      checkInForce('replaceVideoTrack');
      const state = loop.state();
      if (!isLive(state)) throw notLive('replaceVideoTrack', state);
      const { connectId: id } = state.connection;
      await inSession(id, loop.replaceVideoTrack(id, state.attempt.id, track));
    },
    isPlayAudioAvailable,
    async playAudio(audio, options = {}) {
      checkObject(options, 'options');
      checkInForce('playAudio');
      const state = loop.state();
      if (!isLive(state)) throw notLive('playAudio', state);
      if (!isPlayAudioAvailable()) {
        throw invalidInput('audio', "sounds can be played into a live avatar only: transport 'webrtc', no local media");
      }
      loop.dispatch({ type: 'caller.activityReported' });
      const playing$ = loop.room(state.attempt.id)?.playAudio?.(audio) ?? EMPTY;
      await inSession(state.connection.connectId, playing$, options.signal);
    },
  };
}

const notLive = (call: string, state: SessionState): DecartError =>
  new DecartError({
    code: 'WEBRTC_SIGNALING_ERROR',
    message: needsSession(call, state),
    data: { state: state.status },
  });

const completionOf = (request$: Observable<never>): Promise<void> =>
  new Promise((resolve, reject) => {
    request$.subscribe({ complete: resolve, error: reject });
  });

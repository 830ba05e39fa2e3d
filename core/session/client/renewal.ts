import { distinctUntilChanged, map, NEVER, type Observable, type SchedulerLike, switchMap, take, timer } from 'rxjs';
import { checkDurationMs, checkObject, invalidInput, isPositive } from '../../check.js';
import type { RemoteStream } from '../../ports/streams.js';
import { type Intent, isLive, type SessionState } from '../machine/state.js';
import type { ConnectOptions } from './options.js';
import type { SessionCalls } from './session-calls.js';

/**
 * How long after its start a session is to be renewed; `null`: never.
 * @throws DecartError INVALID_INPUT
 */
export function renewalDelayMs(options: ConnectOptions<never>): number | null {
  checkObject(options, 'options');
  const { renewBeforeMs, maxSessionDuration } = options;
  if (maxSessionDuration !== undefined && !isPositive(maxSessionDuration))
    throw invalidInput('maxSessionDuration', 'expected seconds, more than 0');
  if (renewBeforeMs === undefined) return null;
  checkDurationMs(renewBeforeMs, 'renewBeforeMs');
  if (maxSessionDuration === undefined)
    throw invalidInput('renewBeforeMs', 'it needs maxSessionDuration, the seconds after which the service ends it');
  if (renewBeforeMs >= maxSessionDuration * 1000)
    throw invalidInput('renewBeforeMs', 'expected less than maxSessionDuration');
  return checkDurationMs(maxSessionDuration * 1000 - renewBeforeMs, 'maxSessionDuration');
}

/**
 * Emits when a session is due to be renewed. A reconnect begins a session of the service's afresh. A switch that is on
 * its way is waited for: it replaces what there is to renew, or fails.
 */
export const renewalDue = (
  state$: Observable<SessionState>,
  delayMs: number,
  isSwitching$: Observable<boolean>,
  scheduler: SchedulerLike,
): Observable<unknown> =>
  state$.pipe(
    map((state) => (isLive(state) ? state.connection.liveSinceMs : null)),
    distinctUntilChanged(),
    switchMap((sinceMs) =>
      sinceMs === null ? NEVER : timer(Math.max(0, sinceMs + delayMs - scheduler.now()), scheduler),
    ),
    switchMap(() =>
      isSwitching$.pipe(
        switchMap((isSwitching) => (isSwitching ? NEVER : timer(0, scheduler))),
        take(1),
      ),
    ),
  );

/** The same once more, but with what the user has asked for since. */
export function renewedOptions<R extends RemoteStream>(
  { signal: _over, initialPrompt: _prompt, initialImage: _image, ...options }: ConnectOptions<R>,
  { prompt, image }: Intent,
): ConnectOptions<R> {
  return {
    ...options,
    ...(prompt && { initialPrompt: prompt }),
    ...(image && { initialImage: 'data' in image ? image.data : image.ref }),
  };
}

const imageOf = ({ image }: Intent): string | null => image && ('data' in image ? image.data : image.ref);

/** Asks a renewed session for what the user has asked for since it was given its initial state. */
export function catchUp(realtime: Pick<SessionCalls, 'setPrompt$' | 'setImage$'>, wanted: Intent, has: Intent): void {
  const { prompt } = wanted;
  const image = imageOf(wanted);
  const isSame = prompt?.text === has.prompt?.text && prompt?.enhance === has.prompt?.enhance;
  const enhance = prompt?.enhance ?? true;
  // Where the service refuses it, it goes on with the one before, as after any refusal.
  const ignored = { error: () => undefined };
  if (image !== imageOf(has)) realtime.setImage$(image, { prompt: prompt?.text ?? null, enhance }).subscribe(ignored);
  else if (prompt !== null && !isSame) realtime.setPrompt$(prompt.text, { enhance }).subscribe(ignored);
}

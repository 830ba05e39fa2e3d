import type { Observable } from 'rxjs';
import type { SessionStep } from '../runtime/loop.js';

/**
 * Where a client keeps its steps, for recorders and simulations. Steps are not redacted: they hold the media room's
 * token, prompts and images. They never hold the API key.
 */
export const sessionSteps: unique symbol = Symbol.for('decart-rx/sessionSteps');

/** What can be recorded: a realtime client or a session of it. */
export interface Steppable {
  readonly [sessionSteps]: Observable<SessionStep>;
}

// Without a network no try can succeed: the next one waits for it, and does not wait longer.
import { beginTry } from './attempts.js';
import { cancelTimer, changeConnection, type Draft, isActiveDraft } from './draft.js';
import { retryTimerOf } from './timers.js';

export function networkChanged(draft: Draft, isOnline: boolean): void {
  if (!isActiveDraft(draft) || draft.state.connection.offline === !isOnline) return;
  const { connectId } = draft.state.connection;
  changeConnection(draft, { offline: !isOnline });
  if (draft.state.attempt !== null) return;
  cancelTimer(draft, retryTimerOf(connectId));
  if (isOnline) beginTry(draft);
}

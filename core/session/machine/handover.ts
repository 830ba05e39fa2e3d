// One session takes another's place: each side of it is a loop of its own.
import { endSession } from './attempts.js';
import { changeConnection, type Draft, isActiveDraft } from './draft.js';
import { endedByCaller } from './endings.js';
import type { EventOf } from './events.js';

/** A newer session is shown by now. What it publishes on is not disposed of here. */
export function handedOver(draft: Draft, event: EventOf<'caller.handedOver'>): void {
  if (!isActiveDraft(draft) || draft.state.connection.connectId !== event.connectId) return;
  if (event.keepsLocalStream) changeConnection(draft, { localStream: 'caller' });
  endSession(draft, { code: 'ABORTED', message: 'A newer session took over.' }, endedByCaller('replaced'));
}

/** This session is shown from now on, and has what the older one leaves to it. */
export function tookOver(draft: Draft, event: EventOf<'caller.tookOver'>): void {
  if (!isActiveDraft(draft) || draft.state.connection.connectId !== event.connectId) return;
  const { usage } = draft.state;
  draft.state = { ...draft.state, usage: { ...usage, earlierSeconds: usage.earlierSeconds + event.earlierSeconds } };
  if (event.ownsLocalStream) changeConnection(draft, { localStream: 'open' });
}

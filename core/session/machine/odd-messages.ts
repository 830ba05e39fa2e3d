// Messages that cannot be decoded: counted, emitted as diagnostics, and otherwise ignored.
import { type Draft, diagnose, reportError } from './draft.js';

/** Of a type to come, perhaps. */
export function messageUnknown(draft: Draft, messageType: string): void {
  const count = draft.state.unknownMessages + 1;
  draft.state = { ...draft.state, unknownMessages: count };
  diagnose(draft, { name: 'messageUnknown', messageType, count });
}

export function messageMalformed(draft: Draft, reason: string): void {
  const count = draft.state.malformedMessages + 1;
  draft.state = { ...draft.state, malformedMessages: count };
  diagnose(draft, { name: 'messageMalformed', reason, count });
  const message = `A frame from the service could not be read: ${reason}.`;
  reportError(draft, { code: 'WEBRTC_SIGNALING_ERROR', message });
}

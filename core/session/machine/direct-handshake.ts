// One try in direct WebRTC mode: socket, initial state and its ack, then offer and answer over the socket, live.
import type { Failure } from '../../errors.js';
import type { PeerSignal } from '../../ports/media.js';
import type { SetImageMessage } from '../../protocol/client-messages.js';
import { failTry, resumeBudget } from './attempts.js';
import {
  type AttemptDraft,
  cancelTimer,
  changeAttempt,
  changeConnection,
  diagnose,
  emit,
  endPhase,
  startTimer,
} from './draft.js';
import type { EventOf } from './events.js';
import { asksForNothing, expectInitialAck, startInitialTimer } from './initial-state.js';
import { messageUnknown } from './odd-messages.js';
import { initialMessageOf } from './opening-message.js';
import { messageOfSignal } from './signals.js';
import { type AttemptState, isDirect } from './state.js';
import { stageTimerOf } from './timers.js';

/** What only this mode knows. In another one, what the service says of it is not understood. */
export type DirectEvent = EventOf<
  | 'server.signalled'
  | 'server.sessionIdReceived'
  | 'server.readyReported'
  | 'room.signalled'
  | 'handshake.initialStateSettled'
>;

export function directHappened(draft: AttemptDraft, event: DirectEvent): void {
  const { state } = draft;
  if (!isDirect(state)) return messageUnknown(draft, messageTypeOf(event));
  switch (event.type) {
    case 'server.signalled':
      return serverSignalled(draft, state, event.signal);
    case 'server.sessionIdReceived':
      return sessionIdReceived(draft, state, event);
    case 'server.readyReported':
      return;
    case 'room.signalled':
      return roomSignalled(draft, state, event.signal);
    case 'handshake.initialStateSettled':
      return initialStateSettled(draft, state, event.failure);
  }
}

function messageTypeOf(event: DirectEvent): string {
  if (event.type === 'server.sessionIdReceived') return 'session_id';
  if (!('signal' in event)) return 'ready';
  return event.signal.type === 'candidate' ? 'ice-candidate' : event.signal.type;
}

/** Asks for the camera's own picture, in the words of this mode. */
const plainPicture: SetImageMessage = { type: 'set_image', image_data: null, prompt: null };

/** The initial state goes first, and nothing else before its ack. */
export function sendDirectOpening(draft: AttemptDraft): void {
  if (draft.state.attempt.socket !== 'open') return;
  const { attempt, connection, intent } = draft.state;
  if (connection.initialImage === 'reading') {
    changeAttempt(draft, { initial: 'unsent' });
    return startInitialTimer(draft);
  }
  const sendsVideo = connection.localStream !== 'none';
  const message = initialMessageOf(intent) ?? (sendsVideo ? plainPicture : null);
  if (message === null) return joinDirect(draft);
  emit(draft, { type: 'socket.send', attempt: attempt.id, message });
  expectInitialAck(draft);
}

/** The peer connection is made once the initial state is in force and there is something to send, if there is to be. */
export function joinDirect(draft: AttemptDraft): void {
  const { attempt, connection } = draft.state;
  if (attempt.socket !== 'open' || attempt.initial === 'unsent' || attempt.initial === 'sent') return;
  const { connectId, plan, localStream } = connection;
  if (localStream === 'opening') return;
  changeAttempt(draft, { room: 'joining', phaseStartedAtMs: draft.atMs });
  startTimer(draft, stageTimerOf('room', attempt.id), plan.connectionTimeoutMs);
  const { publish, playsAudio } = plan;
  emit(draft, { type: 'room.joinDirect', attempt: attempt.id, connectId, publish, playsAudio });
}

/**
 * With the initial state in force, the peer connection is made. When the service refused it, or did not answer, the
 * try has failed. It would refuse the same again, so a first connect is not tried again; a reconnect goes on without
 * what was refused, and says so.
 */
function initialStateSettled(
  draft: AttemptDraft,
  { attempt, connection }: AttemptState,
  failure: Failure | null,
): void {
  if (failure === null) return joinDirect(draft);
  const wasRefused = failure.code !== 'WEBRTC_TIMEOUT_ERROR';
  if (wasRefused && connection.restoring && !asksForNothing(attempt)) {
    changeConnection(draft, { restoring: false });
    diagnose(draft, { name: 'intentRestored', restored: 'lost' });
  }
  failTry(draft, wasRefused && !connection.wasLive ? { ...failure, permanent: true } : failure);
}

/** What the peer connection wants the service to know. */
function roomSignalled(draft: AttemptDraft, state: AttemptState, signal: PeerSignal): void {
  const { id, answered, joinSent } = state.attempt;
  emit(draft, { type: 'socket.send', attempt: id, message: messageOfSignal(signal) });
  if (signal.type === 'offer' && !joinSent) waitForAnswer(draft, state);
  // The service made an offer of its own instead of an answer.
  if (signal.type === 'answer' && !answered) takeAnswer(draft, state);
}

function serverSignalled(draft: AttemptDraft, state: AttemptState, signal: PeerSignal): void {
  const { id, answered, joinSent } = state.attempt;
  emit(draft, { type: 'room.signal', attempt: id, signal });
  if (signal.type === 'answer' && joinSent && !answered) takeAnswer(draft, state);
}

/** It may come at any time, once. */
function sessionIdReceived(
  draft: AttemptDraft,
  { attempt }: AttemptState,
  event: EventOf<'server.sessionIdReceived'>,
): void {
  if (attempt.roomInfo !== null) return;
  const { sessionId, serverIp, serverPort } = event;
  changeAttempt(draft, { roomInfo: { sessionId, serverIp, serverPort } });
}

/** The first offer is this mode's join: the service may let it wait in the queue. */
function waitForAnswer(draft: AttemptDraft, { attempt, connection }: AttemptState): void {
  cancelTimer(draft, stageTimerOf('room', attempt.id));
  changeAttempt(draft, { joinSent: true, phaseStartedAtMs: draft.atMs });
  startTimer(draft, stageTimerOf('handshake', attempt.id), connection.plan.handshakeTimeoutMs);
}

function takeAnswer(draft: AttemptDraft, { attempt, connection }: AttemptState): void {
  // The room's own limit still runs when the service's offer came before the first of this side.
  for (const stage of ['room', 'handshake', 'queue'] as const) cancelTimer(draft, stageTimerOf(stage, attempt.id));
  resumeBudget(draft);
  changeConnection(draft, { refusals: 0 });
  endPhase(draft, 'join');
  changeAttempt(draft, { joinSent: true, answered: true, queue: null });
  startTimer(draft, stageTimerOf('room', attempt.id), connection.plan.connectionTimeoutMs);
}

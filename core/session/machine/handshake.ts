// One try, step by step: socket, join, queue, room info, room, live.
import type { Failure } from '../../errors.js';
import { failTry, markLive, resumeBudget, suspendBudget } from './attempts.js';
import { QUEUE_SILENCE_MS } from './connect-plan.js';
import { joinDirect, sendDirectOpening } from './direct-handshake.js';
import {
  type ActiveDraft,
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
import { reportRestored, sendOpening, settleConnect, startInitialTimer } from './initial-state.js';
import { startHeartbeat } from './liveness.js';
import { isDirect, isLive } from './state.js';
import { type Stage, stageTimerOf } from './timers.js';

export function socketOpened(draft: AttemptDraft, { canPing = false }: EventOf<'socket.opened'>): void {
  if (draft.state.attempt.socket !== 'opening') return;
  cancelTimer(draft, stageTimerOf('socket', draft.state.attempt.id));
  changeAttempt(draft, { socket: 'open', canPing });
  startHeartbeat(draft);
  endPhase(draft, 'socket');
  openHandshake(draft);
}

/** The first frames of a try, as far as they can be sent yet. */
export function openHandshake(draft: AttemptDraft): void {
  if (isDirect(draft.state)) sendDirectOpening(draft);
  else sendOpening(draft);
}

/** A place in the queue suspends the handshake's clocks: a queued user may wait for minutes. */
export function queuePositionChanged(draft: AttemptDraft, event: EventOf<'server.queuePositionChanged'>): void {
  if (draft.state.attempt.answered) return;
  const { position, queueSize } = event;
  const { queue, joinSent } = draft.state.attempt;
  // There is no place in the queue before the join is sent: a bundled join may still wait for its image.
  if (!joinSent) return;
  awaitWord(draft);
  if (queue?.position === position && queue.queueSize === queueSize) return;
  cancelTimer(draft, stageTimerOf('handshake', draft.state.attempt.id));
  suspendBudget(draft);
  changeConnection(draft, { refusals: 0 });
  changeAttempt(draft, { queue: { position, queueSize } });
}

/** A service that says nothing more has forgotten the place, or is gone. */
function awaitWord(draft: AttemptDraft): void {
  const timer = stageTimerOf('queue', draft.state.attempt.id);
  cancelTimer(draft, timer);
  startTimer(draft, timer, QUEUE_SILENCE_MS);
}

export function roomInfoReceived(draft: AttemptDraft, event: EventOf<'server.roomInfoReceived'>): void {
  const { attempt } = draft.state;
  // Only the first answer to this try's join counts.
  if (attempt.answered || !attempt.joinSent || isDirect(draft.state)) return;
  const { roomName, sessionId, livekitUrl: url, token } = event;
  for (const stage of ['handshake', 'queue'] as const) cancelTimer(draft, stageTimerOf(stage, attempt.id));
  resumeBudget(draft);
  changeConnection(draft, { refusals: 0 });
  endPhase(draft, 'join');
  changeAttempt(draft, { answered: true, roomInfo: { roomName, sessionId }, queue: null, room: 'prepared' });
  emit(draft, { type: 'room.prepare', attempt: attempt.id, url, token });
  startInitialTimer(draft);
  joinRoom(draft);
}

/** The room is joined as soon as it is known and there is something to publish, if there is to be. */
export function joinRoom(draft: AttemptDraft): void {
  if (isDirect(draft.state)) return joinDirect(draft);
  if (draft.state.attempt.room !== 'prepared') return;
  const { attempt, connection } = draft.state;
  const { connectId, plan, localStream } = connection;
  if (localStream === 'opening') return;
  changeAttempt(draft, { room: 'joining', phaseStartedAtMs: draft.atMs });
  startTimer(draft, stageTimerOf('room', attempt.id), plan.connectionTimeoutMs);
  emit(draft, { type: 'room.join', attempt: attempt.id, connectId, publish: plan.publish });
}

export function roomJoined(draft: AttemptDraft): void {
  if (draft.state.attempt.room !== 'joining') return;
  changeAttempt(draft, { room: 'joined' });
  endPhase(draft, 'roomConnect');
}

export function roomPublished(draft: AttemptDraft): void {
  if (draft.state.attempt.room !== 'joined') return;
  const { attempt } = draft.state;
  cancelTimer(draft, stageTimerOf('room', attempt.id));
  endPhase(draft, 'publish');
  diagnose(draft, { name: 'phaseTiming', phase: 'total', durationMs: draft.atMs - attempt.startedAtMs });
  draft.state = {
    ...draft.state,
    status: 'connected',
    attempt: { ...attempt, phaseStartedAtMs: draft.atMs, room: 'published' },
  };
  markLive(draft);
  reportRestored(draft);
  // `generating` follows `connected`, in a step of its own, also when the service was quicker than the room.
  if (attempt.generating)
    emit(draft, { type: 'event.raise', event: { type: 'server.generationStarted', attempt: attempt.id } });
  settleConnect(draft);
}

export function generationSeen(draft: AttemptDraft): void {
  if (draft.state.status === 'connected') draft.state = { ...draft.state, status: 'generating' };
  else if (!isLive(draft.state)) changeAttempt(draft, { generating: true });
}

export function streamChanged(draft: AttemptDraft, streamId: number | null): void {
  changeAttempt(draft, { streamId });
  settleConnect(draft);
}

export function firstFrameReceived(draft: AttemptDraft): void {
  const { attempt, connection } = draft.state;
  diagnose(draft, { name: 'phaseTiming', phase: 'firstFrame', durationMs: draft.atMs - attempt.phaseStartedAtMs });
  diagnose(draft, { name: 'firstFrame', timeSinceConnectMs: draft.atMs - connection.startedAtMs });
}

const timeouts: Readonly<Record<Exclude<Stage, 'initialImage'>, string>> = {
  socket: 'The signaling socket did not open within the connection timeout.',
  handshake: 'The service did not answer the join message within the handshake timeout.',
  queue: `The service sent no queue position for ${QUEUE_SILENCE_MS / 60_000} min.`,
  room: 'The media room was not joined within the connection timeout.',
};

export function stageTimedOut(draft: ActiveDraft, stage: Exclude<Stage, 'initialImage'>): void {
  const failure: Failure = { code: 'WEBRTC_TIMEOUT_ERROR', message: timeouts[stage], data: { stage } };
  failTry(draft, failure);
}

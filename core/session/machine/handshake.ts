// One try, step by step: socket, join, queue, room info, room, live.
import type { Failure } from '../../errors.js';
import { failTry, markLive, resumeBudget, suspendBudget } from './attempts.js';
import { cancelTimer, changeAttempt, diagnose, endPhase, order, startTimer, type Transition } from './draft.js';
import type { EventOf } from './events.js';
import { sendOpening, settleConnect, startInitialAckTimer, tellRestored } from './initial-state.js';
import { isLive } from './state.js';
import { type Stage, stageTimerOf } from './timers.js';

export function socketOpened(t: Transition): void {
  if (t.state.status === 'disconnected' || t.state.attempt?.socket !== 'opening') return;
  cancelTimer(t, stageTimerOf('socket', t.state.attempt.id));
  changeAttempt(t, { socket: 'open' });
  endPhase(t, 'socket');
  sendOpening(t);
}

/** A place in the queue suspends the handshake's clocks: a queued user may wait for minutes. */
export function queuePositionChanged(t: Transition, event: EventOf<'server.queuePositionChanged'>): void {
  if (t.state.status === 'disconnected' || t.state.attempt === null || t.state.attempt.roomInfo !== null) return;
  const { position, queueSize } = event;
  const { queue } = t.state.attempt;
  if (queue?.position === position && queue.queueSize === queueSize) return;
  cancelTimer(t, stageTimerOf('handshake', t.state.attempt.id));
  suspendBudget(t);
  changeAttempt(t, { queue: { position, queueSize } });
}

export function roomInfoReceived(t: Transition, event: EventOf<'server.roomInfoReceived'>): void {
  if (t.state.status === 'disconnected' || t.state.attempt === null) return;
  const { attempt } = t.state;
  // Only the first answer to this try's join counts.
  if (attempt.roomInfo !== null || !attempt.joinSent) return;
  const { roomName, sessionId, livekitUrl: url, token } = event;
  cancelTimer(t, stageTimerOf('handshake', attempt.id));
  resumeBudget(t);
  endPhase(t, 'join');
  changeAttempt(t, { roomInfo: { roomName, sessionId }, queue: null, room: 'prepared' });
  order(t, { type: 'room.prepare', attempt: attempt.id, url, token });
  startInitialAckTimer(t);
  joinRoom(t);
}

/** The room is joined as soon as it is known and there is something to publish, if there is to be. */
export function joinRoom(t: Transition): void {
  if (t.state.status === 'disconnected' || t.state.attempt?.room !== 'prepared') return;
  const { attempt, engagement } = t.state;
  const { connectId, plan, localStream } = engagement;
  if (localStream === 'opening') return;
  changeAttempt(t, { room: 'joining', phaseStartedAtMs: t.atMs });
  startTimer(t, stageTimerOf('room', attempt.id), plan.connectionTimeoutMs);
  order(t, { type: 'room.join', attempt: attempt.id, connectId, publish: plan.publish });
}

export function roomJoined(t: Transition): void {
  if (t.state.status === 'disconnected' || t.state.attempt?.room !== 'joining') return;
  changeAttempt(t, { room: 'joined' });
  endPhase(t, 'roomConnect');
}

export function roomPublished(t: Transition): void {
  if (t.state.status === 'disconnected' || t.state.attempt?.room !== 'joined' || isLive(t.state)) return;
  const { attempt } = t.state;
  cancelTimer(t, stageTimerOf('room', attempt.id));
  endPhase(t, 'publish');
  diagnose(t, { name: 'phaseTiming', phase: 'total', durationMs: t.atMs - attempt.startedAtMs });
  t.state = { ...t.state, status: 'connected', attempt: { ...attempt, phaseStartedAtMs: t.atMs, room: 'published' } };
  markLive(t);
  tellRestored(t);
  // `generating` follows `connected`, in a step of its own, also when the service was quicker than the room.
  if (attempt.generating)
    order(t, { type: 'event.raise', event: { type: 'server.generationStarted', attempt: attempt.id } });
  settleConnect(t);
}

export function generationSeen(t: Transition): void {
  if (t.state.status === 'connected') t.state = { ...t.state, status: 'generating' };
  else if (t.state.status !== 'generating') changeAttempt(t, { generating: true });
}

export function streamChanged(t: Transition, streamId: number | null): void {
  changeAttempt(t, { streamId });
  settleConnect(t);
}

export function firstFrameReceived(t: Transition): void {
  if (t.state.status === 'disconnected' || t.state.attempt === null) return;
  const { attempt, engagement } = t.state;
  diagnose(t, { name: 'phaseTiming', phase: 'firstFrame', durationMs: t.atMs - attempt.phaseStartedAtMs });
  diagnose(t, { name: 'firstFrame', timeSinceConnectMs: t.atMs - engagement.startedAtMs });
}

const timeouts: Readonly<Record<Stage, string>> = {
  socket: 'The signaling socket did not open in time.',
  handshake: 'The service did not answer the join in time.',
  room: 'The media room was not joined in time.',
};

export function stageTimedOut(t: Transition, stage: Stage): void {
  const failure: Failure = { code: 'WEBRTC_TIMEOUT_ERROR', message: timeouts[stage], data: { stage } };
  failTry(t, failure);
}

// The player of scripts: a pure state machine.
import type { ServerMessage } from '../../core/protocol/server-messages.js';
import type { ClientFrame } from '../service/state-request.js';
import { describeItem } from './expectations.js';
import type { PlayEvent, PlayState, PlayStep } from './play.js';
import { openRoom, playStep, queueAt, refuseSocket } from './play-step.js';
import { describeFrame } from './report.js';
import {
  fail,
  finished,
  followedBy,
  isOpen,
  isServing,
  noted,
  put,
  refuseAfterFailure,
  say,
  sayIfOpen,
  withSocket,
} from './transitions.js';

/** One step of a play. Pure and total: nothing is thrown, nothing is run. */
export function reducePlay(state: PlayState, event: PlayEvent): PlayStep {
  switch (event.type) {
    case 'socket.connecting':
      return connecting(state, event);
    case 'frame.received':
      return frameReceived(state, event);
    case 'socket.closed': {
      const { socket, code, atMs } = event;
      if (!isOpen(state, socket)) return [withSocket(state, socket, { isHeld: false }), []];
      const closed = withSocket(noted(state, atMs, socket, `closed by the client with ${code}`), socket, {
        isOpen: false,
      });
      return advance(put(closed, { kind: 'closed', socket, code }), atMs);
    }
    case 'media.started': {
      const { socket, atMs } = event;
      const seen = withSocket(noted(state, atMs, socket, "the client's media arrives"), socket, { hasMedia: true });
      if (isServing(seen)) return sayIfOpen(seen, atMs, socket, { type: 'generation_started' });
      return advance(seen, atMs);
    }
    case 'room.opened':
      return roomOpened(state, event);
    case 'offer.answered':
      return offerAnswered(state, event);
    case 'room.failed':
      return fail(state, event.atMs, `no room could be opened (${event.reason})`);
    case 'timer.fired':
      return timerFired(state, event);
  }
}

/** Steps that only say how what follows is meant hold for a socket that comes before they were played. */
function withSettings(state: PlayState, atMs: number): PlayState {
  const step = state.steps[state.at];
  if (state.waiting !== null || (step?.step !== 'queue' && step?.step !== 'holdSockets')) return state;
  const [next] = playStep(state, step, atMs) ?? [state];
  return withSettings(next, atMs);
}

function connecting(
  before: PlayState,
  { atMs, socket, query }: Extract<PlayEvent, { type: 'socket.connecting' }>,
): PlayStep {
  const state = withSettings(before, atMs);
  const step = state.steps[state.at];
  const { model = '?', resolution } = query;
  const shown = `connects, model=${model}${resolution === undefined ? '' : ` resolution=${resolution}`}`;
  const seen = noted(state, atMs, socket, shown);
  if (step?.step === 'refuseConnects' && state.failure === null) {
    return followedBy(refuseSocket(seen, atMs, socket, step), (now) => advance(now, atMs));
  }
  const isHeld = state.failure === null && state.holdsSockets;
  const sockets = { ...seen.sockets, [socket]: { isHeld, isOpen: !isHeld, isDeaf: false, hasMedia: false } };
  const open: PlayState = { ...seen, sockets, current: seen.current ?? socket };
  const [next, effects] =
    state.failure === null
      ? advance(put(open, { kind: 'connected', socket, query }), atMs)
      : refuseAfterFailure(open, socket);
  return isHeld ? [next, effects] : [next, [{ type: 'socket.accept', socket }, ...effects]];
}

function frameReceived(
  state: PlayState,
  { atMs, socket, frame }: Extract<PlayEvent, { type: 'frame.received' }>,
): PlayStep {
  // A script expects no single candidates: how many there are is up to the network.
  if (!isOpen(state, socket) || isCandidate(frame)) return [state, []];
  const seen = noted(state, atMs, socket, `> ${describeFrame(frame)}`);
  if (seen.failure !== null || seen.sockets[socket]?.isDeaf) return [seen, []];
  const arrived = put(seen, { kind: 'frame', socket, frame, isBundled: false });
  // A script need not know which kind of handshake it will meet: what is bundled with a join counts as sent after it.
  const initial =
    frame._tag === 'message' && frame.message.type === 'livekit_join' ? frame.message.initial_state : null;
  if (!initial) return advance(arrived, atMs);
  const bundled: ClientFrame = { _tag: 'message', message: initial };
  return advance(put(arrived, { kind: 'frame', socket, frame: bundled, isBundled: true }), atMs);
}

function roomOpened(state: PlayState, { atMs, socket, room }: Extract<PlayEvent, { type: 'room.opened' }>): PlayStep {
  const awaited = state.waiting?.kind === 'room' && state.waiting.socket === socket;
  if (state.failure !== null || !(awaited || isServing(state))) return [state, []];
  const { url, token, name, sessionId } = room;
  const info: ServerMessage = {
    type: 'livekit_room_info',
    livekit_url: url,
    token,
    room_name: name,
    session_id: sessionId,
  };
  if (!awaited) return sayIfOpen(state, atMs, socket, info);
  return followedBy(say({ ...state, waiting: null }, atMs, socket, info), (now) => advance(finished(now), atMs));
}

function offerAnswered(
  state: PlayState,
  { atMs, socket, sdp }: Extract<PlayEvent, { type: 'offer.answered' }>,
): PlayStep {
  const awaited = state.waiting?.kind === 'answer' && state.waiting.socket === socket;
  if (state.failure !== null || !(awaited || isServing(state))) return [state, []];
  const answer: ServerMessage = { type: 'answer', sdp };
  if (!awaited) return sayIfOpen(state, atMs, socket, answer);
  return followedBy(say({ ...state, waiting: null }, atMs, socket, answer), (now) => advance(finished(now), atMs));
}

const isCandidate = (frame: ClientFrame): boolean => frame._tag === 'message' && frame.message.type === 'ice-candidate';

function timerFired(state: PlayState, { atMs, timer }: Extract<PlayEvent, { type: 'timer.fired' }>): PlayStep {
  const { waiting, failure } = state;
  if (failure !== null || waiting === null || !('timer' in waiting) || waiting.timer !== timer) return [state, []];
  const idle = { ...state, waiting: null };
  if (waiting.kind === 'timer') return advance(finished(idle), atMs);
  return waiting.position > 1 ? queueAt(idle, atMs, waiting.position - 1) : openRoom(idle);
}

/** Plays steps until one has to wait. */
function advance(state: PlayState, atMs: number): PlayStep {
  let step: PlayStep = [state, []];
  for (;;) {
    const [now, effects] = step;
    const present = now.steps[now.at];
    if (now.failure !== null || now.waiting !== null) return step;
    const next = present === undefined ? leftOver(now, atMs) : playStep(now, present, atMs);
    if (next === null) return step;
    step = [next[0], [...effects, ...next[1]]];
  }
}

/** After the last step nothing may come but the end of sockets. */
function leftOver(state: PlayState, atMs: number): PlayStep | null {
  const frame = state.inbox.find(({ kind }) => kind === 'frame');
  if (frame !== undefined) return fail(state, atMs, describeItem(frame));
  return null;
}

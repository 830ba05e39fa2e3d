// The service's side of one signaling socket: a pure state machine.

import {
  type ClientFrame,
  type ImageKind,
  imageKind,
  refusalOf,
  type StateRequest,
  styleChangeOf,
} from '../../service/state-request.js';
import type { Charge } from '../account.js';
import {
  type Ack,
  type AckMode,
  type AckState,
  ackTimerFired,
  initialAcks,
  issueAck,
  releaseLateAcks,
} from './acks.js';
import type { SessionEffect } from './session-effects.js';
import type { JoinMode, SessionEvent } from './session-events.js';

export interface SessionSettings {
  readonly sessionId: string;
  readonly roomName: string;
  readonly queue: number;
  readonly queueIntervalMs: number;
  readonly ackDelayMs: number;
  readonly tickIntervalMs: number;
  /** `media`: generation starts with the client's first media; `join`: with the room info. */
  readonly generationStart: 'media' | 'join';
  /** Longest generation, from the key's constraints; `null`: no limit. */
  readonly maxSeconds: number | null;
  /** The address that direct WebRTC sessions get in `session_id`. */
  readonly serverAddress: { readonly ip: string; readonly port: number };
  /** Whether a file with this id can be used as reference image. */
  readonly hasFile: (fileId: string) => boolean;
}

/** How far a session is, from its socket to its end. */
export type SessionPhase = 'awaiting-join' | 'queued' | 'opening-room' | 'in-room' | 'generating' | 'ended';

/** The client's first message decides: a LiveKit room, or a peer connection of its own. */
export type SessionMode = 'undecided' | 'livekit' | 'direct';

interface HeldAck {
  readonly ack: Ack;
  readonly mode: AckMode;
}

export interface SessionState {
  readonly settings: SessionSettings;
  readonly phase: SessionPhase;
  readonly mode: SessionMode;
  /** The latest offer that waits for its room; empty: none. Direct mode only. */
  readonly offer: string;
  /** Place in the queue; 0 outside of it. */
  readonly position: number;
  readonly prompt: string | null;
  readonly image: ImageKind;
  /** Ticks sent. */
  readonly seconds: number;
  readonly mediaSeen: boolean;
  readonly acks: AckState;
  /** Acks of requests made before there was a slot for the session. */
  readonly held: readonly HeldAck[];
}

type Step = readonly [SessionState, readonly SessionEffect[]];
type Message = Extract<ClientFrame, { readonly _tag: 'message' }>['message'];
type JoinMessage = Extract<Message, { readonly type: 'livekit_join' }>;

export const initialSession = (settings: SessionSettings): SessionState => ({
  settings,
  phase: 'awaiting-join',
  mode: 'undecided',
  offer: '',
  position: 0,
  prompt: null,
  image: 'none',
  seconds: 0,
  mediaSeen: false,
  acks: initialAcks,
  held: [],
});

const NORMAL_CLOSE = 1000;
const INTERNAL_ERROR = 1011;

const bye: SessionEffect = { type: 'socket.close', code: NORMAL_CLOSE, reason: 'generation ended' };
const errorFrame = (error: string): SessionEffect => ({ type: 'send', message: { type: 'error', error } });
const complaint = (state: SessionState, error: string): Step => [state, [errorFrame(error)]];

/** Ends the session with an `error` instead of a `generation_ended`. */
function refuse(state: SessionState, error: string, code: number): Step {
  return [{ ...state, phase: 'ended' }, [errorFrame(error), { type: 'socket.close', code, reason: error }]];
}

/** One step of a session. Pure and total: nothing is thrown, nothing is run. */
export function reduceServiceSession(state: SessionState, event: SessionEvent): Step {
  if (state.phase === 'ended') return [state, event.type === 'timer.fired' && event.timer === 'close' ? [bye] : []];
  switch (event.type) {
    case 'frame.received':
      return frameReceived(state, event);
    case 'session.refused':
      return refuse(state, event.reason, event.closeCode);
    case 'room.opened':
      return roomOpened(state, event.url, event.token);
    case 'offer.answered':
      return [state, [{ type: 'send', message: { type: 'answer', sdp: event.sdp } }]];
    case 'client.removed':
      // In a LiveKit room the media server says so.
      return state.mode === 'direct' ? refuse(state, 'Removed from the room', INTERNAL_ERROR) : [state, []];
    case 'room.failed':
      return refuse(state, event.reason, INTERNAL_ERROR);
    case 'media.started': {
      const seen = { ...state, mediaSeen: true };
      return state.phase === 'in-room' ? startGeneration(seen) : [seen, []];
    }
    case 'timer.fired':
      return timerFired(state, event.timer);
    case 'second.charged':
      return secondCharged(state, event.charge);
    case 'acks.released':
      return withAcks(state, releaseLateAcks(state.acks));
    case 'generation.stopped':
      return stopGeneration(state, event.reason, event.closeAfterMs);
  }
}

function frameReceived(state: SessionState, event: Extract<SessionEvent, { type: 'frame.received' }>): Step {
  const { frame } = event;
  if (frame._tag === 'malformed') return complaint(state, `Invalid message: ${frame.reason}`);
  // Clients may be ahead of the service: what it does not know does no harm.
  if (frame._tag === 'unknown') return [state, []];
  const { message } = frame;
  if (message.type === 'livekit_join') return joinReceived(state, message, event);
  const entered = state.mode === 'undecided' ? enterDirect(state) : ([state, []] as Step);
  return followedBy(entered, (now) => {
    switch (message.type) {
      case 'prompt':
      case 'set_image':
        return requestReceived(now, message, event.ack);
      case 'offer':
        return offerReceived(now, message.sdp, event.join);
      default:
        if (now.mode === 'livekit') return complaint(now, `${message.type} belongs to direct WebRTC mode`);
        // The media server is reachable at one address, and finds the client's by itself.
        return [now, []];
    }
  });
}

function enterDirect(state: SessionState): Step {
  const { sessionId, serverAddress } = state.settings;
  const { ip, port } = serverAddress;
  return [
    { ...state, mode: 'direct' },
    [{ type: 'send', message: { type: 'session_id', session_id: sessionId, server_ip: ip, server_port: port } }],
  ];
}

/** The first offer is the join of direct mode; later ones renegotiate. */
function offerReceived(state: SessionState, sdp: string, join: JoinMode): Step {
  if (state.mode === 'livekit') return complaint(state, 'offer belongs to direct WebRTC mode');
  if (state.phase === 'in-room' || state.phase === 'generating') return [state, [{ type: 'offer.answer', sdp }]];
  const offered = { ...state, offer: sdp };
  return state.phase === 'awaiting-join' ? admit(offered, join) : [offered, []];
}

function joinReceived(
  state: SessionState,
  message: JoinMessage,
  { join, ack }: Extract<SessionEvent, { type: 'frame.received' }>,
): Step {
  if (state.mode === 'direct') return complaint(state, 'This session is in direct WebRTC mode');
  if (state.phase !== 'awaiting-join') return complaint(state, 'Already joined');
  const { initial_state: initial } = message;
  const joined = admit({ ...state, mode: 'livekit' }, join);
  if (join.kind === 'refused' || initial === undefined || initial === null) return joined;
  return followedBy(joined, (now) => requestReceived(now, initial, ack));
}

function admit(state: SessionState, join: JoinMode): Step {
  if (join.kind === 'refused') return refuse(state, join.error, join.closeCode);
  if (join.kind === 'silent') return [{ ...state, phase: 'opening-room' }, []];
  return state.settings.queue > 0 ? queueAt(state, state.settings.queue) : openRoom(state);
}

function queueAt(state: SessionState, position: number): Step {
  const { queue, queueIntervalMs } = state.settings;
  return [
    { ...state, phase: 'queued', position },
    [
      { type: 'send', message: { type: 'queue_position', position, queue_size: queue } },
      { type: 'timer.start', timer: 'queue', afterMs: queueIntervalMs },
    ],
  ];
}

const openRoom = (state: SessionState): Step => [
  { ...state, phase: 'opening-room', position: 0 },
  [{ type: 'room.open' }],
];

function roomOpened(state: SessionState, url: string, token: string): Step {
  if (state.phase !== 'opening-room') return [state, []];
  const { sessionId, roomName, generationStart } = state.settings;
  const admission: SessionEffect =
    state.mode === 'direct'
      ? { type: 'offer.answer', sdp: state.offer }
      : {
          type: 'send',
          message: { type: 'livekit_room_info', livekit_url: url, token, room_name: roomName, session_id: sessionId },
        };
  let step: Step = [{ ...state, phase: 'in-room', held: [], offer: '' }, [admission]];
  for (const { ack, mode } of state.held) step = followedBy(step, (now) => acknowledge(now, ack, mode));
  if (generationStart === 'join' || state.mediaSeen) step = followedBy(step, startGeneration);
  return step;
}

function requestReceived(state: SessionState, message: StateRequest, mode: AckMode): Step {
  const refusal = mode.kind === 'failed' ? mode.error : refusalOf(message, state.settings.hasFile);
  const ack: Ack =
    message.type === 'prompt'
      ? { type: 'prompt_ack', prompt: message.prompt, success: refusal === null, error: refusal }
      : { type: 'set_image_ack', success: refusal === null, error: refusal };
  if (refusal !== null) return acknowledge(state, ack, mode);
  const change = styleChangeOf(message);
  const { prompt = state.prompt, image } = change;
  const next: SessionState = { ...state, prompt, image: image === undefined ? state.image : imageKind(image) };
  return followedBy([next, [{ type: 'style.change', change }]], (now) => acknowledge(now, ack, mode));
}

/** Requests made in the queue are answered once there is a slot. */
function acknowledge(state: SessionState, ack: Ack, mode: AckMode): Step {
  if (state.phase === 'queued') return [{ ...state, held: [...state.held, { ack, mode }] }, []];
  return withAcks(state, issueAck(state.acks, ack, mode, state.settings.ackDelayMs));
}

function startGeneration(state: SessionState): Step {
  return [
    { ...state, phase: 'generating' },
    [{ type: 'send', message: { type: 'generation_started' } }, nextTick(state)],
  ];
}

const nextTick = (state: SessionState): SessionEffect => ({
  type: 'timer.start',
  timer: 'tick',
  afterMs: state.settings.tickIntervalMs,
});

function timerFired(state: SessionState, timer: Extract<SessionEvent, { type: 'timer.fired' }>['timer']): Step {
  switch (timer) {
    case 'queue':
      if (state.phase !== 'queued') return [state, []];
      return state.position > 1 ? queueAt(state, state.position - 1) : openRoom(state);
    case 'tick':
      return [state, state.phase === 'generating' ? [{ type: 'second.charge' }] : []];
    case 'close':
      return [state, []];
    default:
      return withAcks(state, ackTimerFired(state.acks, Number(timer.slice('ack:'.length))));
  }
}

function secondCharged(state: SessionState, charge: Charge): Step {
  if (state.phase !== 'generating') return [state, []];
  if (charge === 'refused') return stopGeneration(state, 'insufficient_credits');
  const seconds = state.seconds + 1;
  const { maxSeconds } = state.settings;
  const end = maxSeconds !== null && seconds >= maxSeconds ? 'timeout' : charge === 'last' && 'insufficient_credits';
  const ticked: Step = [{ ...state, seconds }, [{ type: 'send', message: { type: 'generation_tick', seconds } }]];
  return followedBy(ticked, (now) => (end ? stopGeneration(now, end) : [now, [nextTick(now)]]));
}

/** @param closeAfterMs `null`: the socket stays open */
function stopGeneration(state: SessionState, reason: string, closeAfterMs: number | null = 0): Step {
  const ended: SessionEffect = { type: 'send', message: { type: 'generation_ended', seconds: state.seconds, reason } };
  const next: SessionState = { ...state, phase: 'ended' };
  if (closeAfterMs === null) return [next, [ended]];
  return [next, [ended, closeAfterMs === 0 ? bye : { type: 'timer.start', timer: 'close', afterMs: closeAfterMs }]];
}

function withAcks(state: SessionState, [acks, effects]: readonly [AckState, readonly SessionEffect[]]): Step {
  return [{ ...state, acks }, effects];
}

function followedBy([state, effects]: Step, next: (state: SessionState) => Step): Step {
  const [after, more] = next(state);
  return [after, [...effects, ...more]];
}

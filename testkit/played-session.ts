// The reducer alone, event by event: for tests of what it orders, in which order, and how long each thing may take.
import { type CheckedConnect, checkConnectOptions } from '../core/session/client/options.js';
import type { SessionEffect } from '../core/session/machine/effects.js';
import type { UntimedEvent } from '../core/session/machine/events.js';
import { reduceSession } from '../core/session/machine/reduce.js';
import { initialSessionState, type SessionState } from '../core/session/machine/state.js';

type Options = Partial<Parameters<typeof checkConnectOptions>[0]>;

const planOf = (options: Options, localStream: 'none' | 'caller' | 'owned' = 'none'): CheckedConnect['plan'] =>
  checkConnectOptions({ model: 'lucy-2.1', ...options }, localStream, { priceOf: () => 0.02, requiredCodec: undefined })
    .plan;

/** An order in short: its name, and what matters of it. */
function short(effect: SessionEffect): string {
  switch (effect.type) {
    case 'timer.start':
      return `${nameOf(effect.timer)} for ${effect.delayMs}`;
    case 'timer.cancel':
      return `no ${nameOf(effect.timer)}`;
    case 'socket.send':
      return `send ${effect.message.type}`;
    case 'output.emit': {
      const { output } = effect;
      if (output.type === 'error') return `say error: ${output.failure.message}`;
      if (output.type !== 'diagnostic') return `say ${output.type}`;
      const { name, atMs: _time, ...details } = output.diagnostic;
      return ['say', name, ...Object.values(details)].join(' ');
    }
    case 'event.raise':
      return `raise ${effect.event.type}`;
    case 'socket.close':
      return `socket.close ${effect.code}`;
    case 'connect.end':
      return `connect.end ${effect.failure.code}`;
    default:
      return effect.type;
  }
}

const nameOf = (timer: Extract<SessionEffect, { type: 'timer.start' }>['timer']): string =>
  'stage' in timer ? timer.stage : 'step' in timer ? `${timer.kind} ${timer.step}` : timer.kind;

/** A session that is played event by event. Each gives its orders in short. */
export function playedSession() {
  let state: SessionState = initialSessionState;
  const play = (atMs: number, event: UntimedEvent): readonly string[] => {
    const [next, effects] = reduceSession(state, { ...event, atMs });
    state = next;
    const raised = effects.flatMap((effect) => (effect.type === 'event.raise' ? play(atMs, effect.event) : []));
    return [...effects.map(short), ...raised];
  };
  const attempt = (): number => ('attempt' in state && state.attempt?.id) || 0;
  /** An event of the present try. */
  const comes = (atMs: number, event: { readonly type: UntimedEvent['type']; readonly [field: string]: unknown }) =>
    play(atMs, { ...event, attempt: attempt() } as UntimedEvent);
  const connect = (atMs: number, options: Options, localStream?: 'none' | 'caller' | 'owned') =>
    play(atMs, {
      type: 'caller.connectRequested',
      connectId: state.nextId,
      plan: planOf(options, localStream),
      seed: 1,
    });
  /** From the socket's opening to the live session, all at once. */
  const goLive = (atMs: number): void => {
    comes(atMs, { type: 'socket.opened' });
    comes(atMs, roomInfo);
    comes(atMs, { type: 'room.joined' });
    comes(atMs, { type: 'room.streamChanged', streamId: state.nextId });
    comes(atMs, { type: 'room.published' });
  };
  return { state: () => state, play, comes, connect, goLive };
}

export const roomInfo = {
  type: 'server.roomInfoReceived',
  livekitUrl: 'ws://h',
  token: 't',
  roomName: 'r',
  sessionId: 's',
} as const;
export const lost = { type: 'room.lost', failure: { code: 'WEBRTC_ICE_ERROR', message: 'Gone.' } } as const;
/** A prompt of the caller's. */
export const prompt = (requestId: number, text: string, timeoutMs: number | null = null): UntimedEvent => ({
  type: 'caller.promptRequested',
  requestId,
  prompt: text,
  enhance: true,
  timeoutMs,
});
/** The service's answer to it. */
export const acked = (text: string, success = true) =>
  ({ type: 'server.promptAcked', prompt: text, success, error: null }) as const;
export const failure = { code: 'INVALID_INPUT', message: 'No.' } as const;

// What every step of a play is made of.
import { encodeServerMessage } from '../../core/protocol/encode.js';
import type { ServerMessage } from '../../core/protocol/server-messages.js';
import type { Item, PlaySocket, PlayState, PlayStep } from './play.js';
import { describeMessage, transcriptLine } from './report.js';

export const POLICY_VIOLATION = 1008;

export const noSocket = (socket: number | null): string =>
  socket === null ? 'there is no socket yet' : `socket #${socket} is closed`;
export const isServing = ({ steps, at }: PlayState): boolean => steps[at]?.step === 'serve';
export const isOpen = (state: PlayState, socket: number | null): boolean =>
  socket !== null && state.sockets[socket]?.isOpen === true;
/** The oldest socket that is held. */
export const heldSocket = ({ sockets }: PlayState): number | undefined =>
  Object.keys(sockets)
    .map(Number)
    .find((socket) => sockets[socket]?.isHeld);
export const finished = (state: PlayState): PlayState => ({ ...state, at: state.at + 1, done: 0 });
export const done = (state: PlayState): PlayStep => [state.failure === null ? finished(state) : state, []];
export const put = (state: PlayState, item: Item): PlayState => ({ ...state, inbox: [...state.inbox, item] });

/** One occasion less for the present step. */
export const countOne = (state: PlayState, times: number): PlayState =>
  state.done + 1 < times ? { ...state, done: state.done + 1 } : finished(state);

export function withSocket(state: PlayState, socket: number, change: Partial<PlaySocket>): PlayState {
  const known = state.sockets[socket];
  return known === undefined ? state : { ...state, sockets: { ...state.sockets, [socket]: { ...known, ...change } } };
}

export const noted = (state: PlayState, atMs: number, socket: number, text: string): PlayState => ({
  ...state,
  transcript: [...state.transcript, transcriptLine(atMs, socket, text)],
});

export function followedBy([state, effects]: PlayStep, next: (state: PlayState) => PlayStep): PlayStep {
  const [after, more] = next(state);
  return [after, [...effects, ...more]];
}

/** Sends a message; it fails the script when there is no open socket. */
export const say = (state: PlayState, atMs: number, socket: number | null, message: ServerMessage): PlayStep =>
  transmit(state, atMs, socket, encodeServerMessage(message), describeMessage(message));

/** The same, without harm. */
export const sayIfOpen = (state: PlayState, atMs: number, socket: number, message: ServerMessage): PlayStep =>
  isOpen(state, socket) ? say(state, atMs, socket, message) : [state, []];

export function transmit(
  state: PlayState,
  atMs: number,
  socket: number | null,
  data: string | Uint8Array,
  word: string,
): PlayStep {
  if (socket === null || !isOpen(state, socket)) return fail({ ...state, waiting: null }, atMs, noSocket(socket));
  return [noted(state, atMs, socket, `< ${word}`), [{ type: 'socket.send', socket, data }]];
}

export function close(state: PlayState, atMs: number, socket: number, code: number, reason: string): PlayStep {
  const seen = noted(state, atMs, socket, `closed by the service with ${code}`);
  const inbox = seen.inbox.filter((item) => item.socket !== socket);
  return [withSocket({ ...seen, inbox }, socket, { isOpen: false }), [{ type: 'socket.close', socket, code, reason }]];
}

/** `Invalid session` is what clients do not try again after, so that a test fails at once instead of waiting for them. */
export function fail(state: PlayState, atMs: number, failure: string): PlayStep {
  if (state.failure !== null) return [state, []];
  const failed: PlayState = { ...state, failure, waiting: null, inbox: [] };
  let step: PlayStep = [failed, []];
  for (const socket of Object.keys(state.sockets).map(Number)) {
    if (!isOpen(state, socket)) continue;
    step = followedBy(step, (now) => refuseAfterFailure(now, socket, atMs));
  }
  return step;
}

export function refuseAfterFailure(state: PlayState, socket: number, atMs = 0): PlayStep {
  const text = `Invalid session: the scenario failed: ${state.failure}`;
  const data = encodeServerMessage({ type: 'error', error: text });
  const [closed, effects] = close(state, atMs, socket, POLICY_VIOLATION, 'scenario failed');
  return [closed, [{ type: 'socket.send', socket, data }, ...effects]];
}

// Plays one step of a script.
import type { ServerMessage } from '../../core/protocol/server-messages.js';
import { type StateRequest, styleChangeOf } from '../service/state-request.js';
import { describeItem, isJoin, mismatch, nextItem, offerIn, requestIn } from './expectations.js';
import type { Item, PlayState, PlayStep } from './play.js';
import { describeMessage } from './report.js';
import type { ScenarioStep, ScenarioStepOf } from './step.js';
import {
  close,
  countOne,
  done,
  fail,
  followedBy,
  heldSocket,
  isOpen,
  noSocket,
  noted,
  POLICY_VIOLATION,
  say,
  sayIfOpen,
  transmit,
  withSocket,
} from './transitions.js';

const INTERNAL_ERROR = 1011;

/** Plays one step; `null`: it waits for the client. */
export function playStep(state: PlayState, step: ScenarioStep, atMs: number): PlayStep | null {
  const { current } = state;
  const sayAndGoOn = (message: ServerMessage): PlayStep => followedBy(say(state, atMs, current, message), done);
  switch (step.step) {
    case 'queue':
      return done({ ...state, queue: { places: step.places, intervalMs: step.intervalMs ?? 1_000 } });
    case 'expectConnect':
    case 'expectJoin':
    case 'expectOffer':
    case 'expectPrompt':
    case 'expectImage':
    case 'expectMessage':
    case 'expectClose':
      return expectItem(state, step, atMs);
    case 'holdSockets':
      return done({ ...state, holdsSockets: true });
    case 'acceptSocket': {
      const socket = heldSocket(state);
      if (socket === undefined) return null;
      const opened = withSocket({ ...state, current: socket }, socket, { isHeld: false, isOpen: true });
      return followedBy([noted(opened, atMs, socket, 'opened'), [{ type: 'socket.accept', socket }]], done);
    }
    case 'refuseConnects': {
      const socket = heldSocket(state);
      return socket === undefined ? null : refuseSocket(state, atMs, socket, step);
    }
    case 'media': {
      if (current === null) return fail(state, atMs, noSocket(current));
      const { event } = step;
      const seen = noted(state, atMs, current, `media ${event}`);
      return followedBy([seen, [{ type: 'media.happen', socket: current, event }]], done);
    }
    case 'refuseJoins':
    case 'silentJoins':
      return spoilJoin(state, step, atMs);
    case 'expectMedia': {
      if (current !== null && state.sockets[current]?.hasMedia) return done(state);
      const gone = nextItem(state, step);
      return gone?.item.kind === 'closed' ? fail(state, atMs, describeItem(gone.item)) : null;
    }
    case 'serve':
      return serve(state, atMs);
    case 'answer':
      if (state.offer === null) return fail(state, atMs, 'there is no offer to answer');
      return letIn(state, atMs);
    case 'roomInfo':
      return letIn(state, atMs);
    case 'after': {
      const timer = state.timers + 1;
      return [
        { ...state, timers: timer, waiting: { kind: 'timer', timer } },
        [{ type: 'timer.start', timer, afterMs: step.delayMs }],
      ];
    }
    case 'ack':
      return acknowledge(state, step, atMs);
    case 'generationStarted':
      return sayAndGoOn({ type: 'generation_started' });
    case 'generationTick': {
      const { seconds = state.seconds + 1 } = step;
      const ticked = say({ ...state, seconds }, atMs, current, { type: 'generation_tick', seconds });
      return followedBy(ticked, done);
    }
    case 'generationEnded':
      return sayAndGoOn({ type: 'generation_ended', seconds: step.seconds ?? state.seconds, reason: step.reason });
    case 'error':
      return sayAndGoOn({ type: 'error', error: step.text });
    case 'send':
      return followedBy(
        transmit(state, atMs, current, JSON.stringify(step.message), describeMessage(step.message)),
        done,
      );
    case 'sendText':
      return followedBy(transmit(state, atMs, current, step.text, `the text ${JSON.stringify(step.text)}`), done);
    case 'sendBinary': {
      const bytes = Uint8Array.from(step.bytes);
      return followedBy(transmit(state, atMs, current, bytes, `a binary frame of ${bytes.length} bytes`), done);
    }
    case 'dropSocket': {
      if (current === null || !isOpen(state, current)) {
        return step.ifOpen && current !== null ? done(state) : fail(state, atMs, noSocket(current));
      }
      return followedBy(close(state, atMs, current, step.code ?? INTERNAL_ERROR, step.reason ?? ''), done);
    }
    case 'fault': {
      if (current === null) return fail(state, atMs, noSocket(current));
      return followedBy(
        [
          noted(state, atMs, current, `fault ${step.fault.kind}`),
          [{ type: 'fault', socket: current, fault: step.fault }],
        ],
        done,
      );
    }
  }
}

/** One of the sockets that a `refuseConnects` is about. */
export function refuseSocket(
  state: PlayState,
  atMs: number,
  socket: number,
  { times = 1, status = 503 }: ScenarioStepOf<'refuseConnects'>,
): PlayStep {
  const refused = noted(withSocket(state, socket, { isHeld: false }), atMs, socket, `refused with ${status}`);
  return [countOne(refused, times), [{ type: 'socket.refuse', socket, status }]];
}

const isBundled = (item: Item): boolean => item.kind === 'frame' && item.isBundled;

function expectItem(state: PlayState, step: ScenarioStep, atMs: number): PlayStep | null {
  const next = nextItem(state, step);
  if (next === null) return null;
  const wrong = mismatch(step, next.item);
  if (wrong !== null) return fail(state, atMs, wrong);
  // A message that is expected as a whole is expected with what is bundled in it.
  const bundled = step.step === 'expectMessage' ? next.rest.filter(isBundled) : [];
  const taken = [next.item, ...bundled].flatMap((item) => requestIn(item) ?? []);
  const { socket } = next.item;
  const isNew = isJoin(next.item) || step.step === 'expectConnect' || socket !== state.current;
  const sdp = offerIn(next.item);
  return done({
    ...state,
    current: socket,
    offer: sdp === null ? state.offer : { socket, sdp },
    inbox: next.rest.filter((item) => !bundled.includes(item)),
    requests: [...(isNew ? [] : state.requests), ...taken],
  });
}

function spoilJoin(
  state: PlayState,
  step: ScenarioStepOf<'refuseJoins'> | ScenarioStepOf<'silentJoins'>,
  atMs: number,
): PlayStep | null {
  const next = nextItem(state, step);
  if (next === null) return null;
  const wrong = mismatch(step, next.item);
  if (wrong !== null) return fail(state, atMs, wrong);
  const { socket } = next.item;
  // What was sent along with the join goes unread.
  const inbox = next.rest.filter((item) => item.socket !== socket);
  const counted = countOne({ ...state, inbox, current: socket }, step.times ?? 1);
  if (step.step === 'silentJoins') return [withSocket(counted, socket, { isDeaf: true }), []];
  return followedBy(sayIfOpen(counted, atMs, socket, { type: 'error', error: step.error ?? 'No capacity' }), (now) =>
    close(now, atMs, socket, POLICY_VIOLATION, ''),
  );
}

function acknowledge(state: PlayState, step: ScenarioStepOf<'ack'>, atMs: number): PlayStep {
  const index = step.of === 'newest' ? state.requests.length - 1 : 0;
  const request = state.requests[index];
  if (request === undefined) return fail(state, atMs, 'there is no request to acknowledge');
  const rest = { ...state, requests: state.requests.filter((_, at) => at !== index) };
  return followedBy(ackOf(rest, atMs, state.current, request, step.error ?? null), done);
}

function ackOf(
  state: PlayState,
  atMs: number,
  socket: number | null,
  request: StateRequest,
  error: string | null,
): PlayStep {
  const fields = { success: error === null, error };
  const ack: ServerMessage =
    request.type === 'prompt'
      ? { type: 'prompt_ack', prompt: request.prompt, ...fields }
      : { type: 'set_image_ack', ...fields };
  const [next, effects] = say(state, atMs, socket, ack);
  if (error !== null || next.failure !== null || socket === null) return [next, effects];
  return [next, [{ type: 'style.change', socket, change: styleChangeOf(request) }, ...effects]];
}

/** The rest is up to the service. */
function serve(state: PlayState, atMs: number): PlayStep | null {
  const [item, ...inbox] = state.inbox;
  if (item === undefined) return null;
  const rest: PlayState = { ...state, inbox };
  const request = requestIn(item);
  if (isJoin(item)) return [rest, [{ type: 'room.open', socket: item.socket }]];
  const sdp = offerIn(item);
  if (sdp !== null) return [rest, [{ type: 'offer.answer', socket: item.socket, sdp }]];
  return request === null || !isOpen(rest, item.socket) ? [rest, []] : ackOf(rest, atMs, item.socket, request, null);
}

export function queueAt(state: PlayState, atMs: number, position: number): PlayStep {
  const { places, intervalMs } = state.queue;
  const timer = state.timers + 1;
  const waiting: PlayState = { ...state, timers: timer, waiting: { kind: 'queue', timer, position } };
  const [seen, effects] = say(waiting, atMs, state.current, {
    type: 'queue_position',
    position,
    queue_size: places,
  });
  if (seen.failure !== null) return [seen, effects];
  return [seen, [...effects, { type: 'timer.start', timer, afterMs: intervalMs }]];
}

/** Room info, or an answer, once the queue is over. */
function letIn(state: PlayState, atMs: number): PlayStep {
  if (!isOpen(state, state.current)) return fail(state, atMs, noSocket(state.current));
  return state.queue.places > 0 ? queueAt(state, atMs, state.queue.places) : openRoom(state);
}

/** Asks for what the present step waits for. */
export function openRoom(state: PlayState): PlayStep {
  const { current, offer, steps, at } = state;
  if (current === null) return [state, []];
  if (steps[at]?.step !== 'answer')
    return [{ ...state, waiting: { kind: 'room', socket: current } }, [{ type: 'room.open', socket: current }]];
  if (offer === null) return [state, []];
  const { socket, sdp } = offer;
  return [{ ...state, waiting: { kind: 'answer', socket } }, [{ type: 'offer.answer', socket, sdp }]];
}

// What a step wants of the client, and whether what the client did is it.

import type { ClientFrame, StateRequest } from '../service/state-request.js';
import type { Item, PlayState } from './play.js';
import { describeFrame, imageKind } from './report.js';
import type { ScenarioStep } from './step.js';

type Message = Extract<ClientFrame, { readonly _tag: 'message' }>['message'];

/** The first thing that the client did and that `step` has to do with, and what is left behind it; `null`: nothing yet. */
export function nextItem(state: PlayState, step: ScenarioStep): { item: Item; rest: readonly Item[] } | null {
  for (const [index, item] of state.inbox.entries()) {
    if (!isPassedOver(state, step, item)) return { item, rest: state.inbox.slice(index + 1) };
  }
  return null;
}

function isPassedOver(state: PlayState, { step }: ScenarioStep, item: Item): boolean {
  if (item.kind === 'frame') return false;
  if (item.kind === 'connected') return step !== 'expectConnect';
  if (step === 'expectClose') return false;
  // A step about a new socket does not mind that an old one is gone.
  const isAboutNewSocket = ['expectConnect', 'expectJoin', 'refuseJoins', 'silentJoins'].includes(step);
  return isAboutNewSocket || item.socket !== state.current;
}

/** In words, what the client did. */
export function describeItem(item: Item): string {
  if (item.kind === 'frame') return `the client sent ${describeFrame(item.frame)}`;
  return item.kind === 'closed' ? `the client closed the socket with ${item.code}` : 'the client opened a socket';
}

/** `null` when the item is what the step expects, else what is wrong with it. */
export function mismatch(step: ScenarioStep, item: Item): string | null {
  const wrong = describeItem(item);
  if (step.step === 'expectConnect') return item.kind === 'connected' ? wrongQuery(step.query, item.query) : wrong;
  if (step.step === 'expectClose') {
    return item.kind === 'closed' && (step.code === undefined || step.code === item.code) ? null : wrong;
  }
  if (item.kind !== 'frame' || item.frame._tag !== 'message') return wrong;
  if (step.step === 'expectMessage') return differs(step.message, item.frame.message) ? wrong : null;
  return fits(step, item.frame.message) ? null : wrong;
}

/** Compares values as JSON, in any order of their fields. */
function differs(wanted: unknown, given: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null || typeof given !== 'object' || given === null) {
    return wanted !== given;
  }
  const fields = new Set([...Object.keys(wanted), ...Object.keys(given)]);
  return [...fields].some((field) => differs(Reflect.get(wanted, field), Reflect.get(given, field)));
}

function wrongQuery(
  wanted: Readonly<Record<string, string>> = {},
  given: Readonly<Record<string, string>>,
): string | null {
  const name = Object.keys(wanted).find((key) => wanted[key] !== given[key]);
  return name === undefined ? null : `the client connected with another ${name}`;
}

function fits(step: ScenarioStep, message: Message): boolean {
  switch (step.step) {
    case 'refuseJoins':
    case 'silentJoins':
      return message.type === 'livekit_join' || message.type === 'offer';
    case 'expectJoin':
      return message.type === 'livekit_join' && agrees(step, { passthrough: isPassthrough(message) });
    case 'expectOffer':
      return message.type === 'offer';
    case 'expectPrompt':
      return (
        message.type === 'prompt' && agrees(step, { text: message.prompt, enhance: message.enhance_prompt ?? true })
      );
    case 'expectImage':
      return (
        message.type === 'set_image' &&
        agrees(step, { image: imageKind(message), prompt: message.prompt, enhance: message.enhance_prompt ?? true })
      );
    default:
      return false;
  }
}

const isPassthrough = ({ passthrough, initial_state = null }: Extract<Message, { type: 'livekit_join' }>): boolean =>
  passthrough ?? initial_state === null;

/** Every field that the step names has this value. */
const agrees = (step: ScenarioStep, values: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(values).every(([name, value]) => {
    const wanted = (step as Readonly<Record<string, unknown>>)[name];
    return wanted === undefined || wanted === value;
  });

export const requestIn = (item: Item): StateRequest | null => {
  if (item.kind !== 'frame' || item.frame._tag !== 'message') return null;
  const { message } = item.frame;
  return message.type === 'prompt' || message.type === 'set_image' ? message : null;
};

/** The description in an offer; `null`: it is none. */
export const offerIn = (item: Item): string | null =>
  item.kind === 'frame' && item.frame._tag === 'message' && item.frame.message.type === 'offer'
    ? item.frame.message.sdp
    : null;

export const isJoin = (item: Item): boolean =>
  item.kind === 'frame' && item.frame._tag === 'message' && item.frame.message.type === 'livekit_join';

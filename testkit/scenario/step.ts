// A script's steps as plain data, so that a test, a file and a fuzzer can write the same ones.
import * as t from 'io-ts';
import { DecartError } from '../../core/errors.js';
import {
  closeCode,
  closeReason,
  complaintOf,
  decodeFault,
  milliseconds,
  numberIn,
  type SimulatorFault,
} from '../service/fault.js';

const times = numberIn('times', 1, 1_000_000, true);
const seconds = numberIn('seconds', 0, Number.MAX_SAFE_INTEGER);
const nothing = t.type({});
const oneOf = <A extends string, B extends string>(a: A, b: B) => t.union([t.literal(a), t.literal(b)]);

/** Faults a script may order: those of the media, and of the keys. A script has steps of its own for the socket's. */
const FAULT_KINDS = [
  'network',
  'network-preset',
  'network-change',
  'stall-inference',
  'inference-lag',
  'kick-from-room',
  'cut-media-signalling',
  'force-full-reconnect',
  'expire-tokens',
] as const;

/** Faults that a script can order: those of the simulator that concern the media and tokens. */
export type ScenarioFault = Extract<SimulatorFault, { readonly kind: (typeof FAULT_KINDS)[number] }>;

const mediaEvent = t.union([oneOf('joined', 'published'), oneOf('stream', 'lost')]);

/** What happens in a client's room: it is in, its tracks are taken, the service's stream is there, the room is lost. */
export type ScenarioMediaEvent = t.TypeOf<typeof mediaEvent>;

/** Keyed by `step`, so that a wrong field is named. */
const stepCodecs = {
  queue: t.intersection([
    t.type({ places: numberIn('places', 0, 100_000, true) }),
    t.partial({ intervalMs: milliseconds }),
  ]),
  expectConnect: t.partial({ query: t.record(t.string, t.string) }),
  expectJoin: t.partial({ passthrough: t.boolean }),
  expectPrompt: t.partial({ text: t.string, enhance: t.boolean }),
  expectImage: t.partial({
    image: t.union([oneOf('bytes', 'file'), t.literal('none')]),
    prompt: t.union([t.string, t.null]),
    enhance: t.boolean,
  }),
  expectMessage: t.type({ message: t.UnknownRecord }),
  expectOffer: nothing,
  expectMedia: nothing,
  expectClose: t.partial({ code: numberIn('code', 1000, 4999, true) }),
  holdSockets: nothing,
  acceptSocket: nothing,
  media: t.type({ event: mediaEvent }),
  roomInfo: nothing,
  answer: nothing,
  ack: t.partial({ error: t.string, of: oneOf('oldest', 'newest') }),
  generationStarted: nothing,
  generationTick: t.partial({ seconds }),
  generationEnded: t.intersection([t.type({ reason: t.string }), t.partial({ seconds })]),
  error: t.type({ text: t.string }),
  send: t.type({ message: t.UnknownRecord }),
  sendText: t.type({ text: t.string }),
  sendBinary: t.type({ bytes: t.array(numberIn('byte', 0, 255, true)) }),
  after: t.type({ delayMs: milliseconds }),
  dropSocket: t.partial({ code: closeCode, reason: closeReason, ifOpen: t.boolean }),
  refuseConnects: t.partial({ times, status: numberIn('status', 400, 599, true) }),
  refuseJoins: t.partial({ times, error: t.string }),
  silentJoins: t.partial({ times }),
  fault: t.type({ fault: t.UnknownRecord }),
  serve: nothing,
} as const;

type StepName = keyof typeof stepCodecs;
type FieldsOf<K extends StepName> = K extends 'fault'
  ? { readonly fault: ScenarioFault }
  : t.TypeOf<(typeof stepCodecs)[K]>;

/** One step of a script, as it stands in a file. See the method of the same name on `Scenario` for what it does. */
export type ScenarioStep = { [K in StepName]: { readonly step: K } & Readonly<FieldsOf<K>> }[StepName];
export type ScenarioStepOf<K extends StepName> = Extract<ScenarioStep, { readonly step: K }>;

const scenarioError = (field: string, message: string): DecartError =>
  new DecartError({ code: 'INVALID_INPUT', message, permanent: true, data: { field } });

/**
 * @param place how the message calls the step, `step 3` say
 * @throws DecartError INVALID_INPUT, `data.field` naming what is wrong
 */
export function decodeStep(input: unknown, place = 'step'): ScenarioStep {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw scenarioError('step', `Scenario, ${place}: expected an object with a "step".`);
  }
  const { step: name } = input as { step?: unknown };
  if (typeof name !== 'string' || !Object.hasOwn(stepCodecs, name)) {
    const known = Object.keys(stepCodecs).join(', ');
    throw scenarioError('step', `Scenario, ${place}: there is no step ${JSON.stringify(name)}; there are ${known}.`);
  }
  const codec: t.Mixed = stepCodecs[name as StepName];
  const fields = new Set(['step', ...fieldsOf(codec)]);
  const extra = Object.keys(input).find((field) => !fields.has(field));
  if (extra !== undefined) throw scenarioError(extra, `Scenario, ${place} (${name}): there is no field ${extra}.`);
  const decoded = codec.decode(input);
  if (decoded._tag === 'Left') {
    const path = decoded.left[0]?.context.map(({ key }) => key).filter((key) => !/^\d*$/.test(key)) ?? [];
    const field = path.join('.');
    throw scenarioError(field, `Scenario, ${place} (${name}): ${complaintOf(decoded.left, field)}.`);
  }
  if (name === 'send' || name === 'expectMessage') checkMessage((input as { message?: unknown }).message, place, name);
  if (name === 'fault') checkFault((input as { fault?: unknown }).fault, place);
  return input as ScenarioStep;
}

function checkMessage(message: unknown, place: string, name: string): void {
  try {
    JSON.stringify(message);
  } catch {
    // A circle, or a bigint.
    throw scenarioError('message', `Scenario, ${place} (${name}): message cannot be written as JSON.`);
  }
}

function checkFault(input: unknown, place: string): void {
  const { kind } = input as { kind?: unknown };
  if (!FAULT_KINDS.some((known) => known === kind)) {
    throw scenarioError(
      'fault.kind',
      `Scenario, ${place} (fault): a script knows the kinds ${FAULT_KINDS.join(', ')}.`,
    );
  }
  try {
    decodeFault(input);
  } catch (error) {
    const field = error instanceof DecartError ? String(error.data?.field) : 'kind';
    throw scenarioError(`fault.${field}`, `Scenario, ${place} (fault): wrong or missing fault.${field}.`);
  }
}

function fieldsOf(codec: t.Mixed): readonly string[] {
  if (codec instanceof t.IntersectionType) return (codec.types as t.Mixed[]).flatMap(fieldsOf);
  return codec instanceof t.InterfaceType || codec instanceof t.PartialType ? Object.keys(codec.props as object) : [];
}

// A play in words. Neither keys nor tokens are in it.
import type { ClientFrame } from '../service/state-request.js';
import { type PlayState, statusOf } from './play.js';
import type { ScenarioStep } from './step.js';

/** A step as one would read it out: its name, then its fields. */
export function describeStep({ step, ...fields }: ScenarioStep): string {
  const shown = Object.entries(fields).map(([name, value]) =>
    name === 'text' || name === 'places' || name === 'delayMs' ? json(value) : `${name}=${json(value)}`,
  );
  return [step, ...shown].join(' ');
}

export function describeFrame(frame: ClientFrame): string {
  if (frame._tag === 'malformed') return `a frame that is no message (${frame.reason})`;
  if (frame._tag === 'unknown') return `a message of the unknown type ${json(frame.type)}`;
  const { message } = frame;
  switch (message.type) {
    case 'prompt':
      return `prompt ${json(message.prompt)}${message.enhance_prompt === false ? ' enhance=false' : ''}`;
    case 'set_image': {
      const image = imageKind(message);
      const size = 'image_data' in message ? (message.image_data?.length ?? 0) : 0;
      const prompt = message.prompt === undefined ? '' : ` prompt=${json(message.prompt)}`;
      return `set_image ${image}${size > 0 ? ` (${size} characters)` : ''}${prompt}`;
    }
    case 'livekit_join':
      return `livekit_join passthrough=${message.passthrough ?? (message.initial_state ?? null) === null}`;
    default:
      return message.type;
  }
}

/** A message of the service, without tokens and texts that are long. */
export function describeMessage(message: Readonly<Record<string, unknown>>): string {
  const { type, position, queue_size, prompt, success, error, seconds, reason } = message;
  const shown = { position, queue_size, prompt, success, error: error ?? undefined, seconds, reason };
  const fields = Object.entries(shown).filter(([, value]) => value !== undefined);
  return [String(type), ...fields.map(([name, value]) => `${name}=${JSON.stringify(value)}`)].join(' ');
}

export const imageKind = (
  message: { readonly image_data: string | null } | { readonly image_ref: string },
): 'bytes' | 'file' | 'none' => {
  if ('image_ref' in message) return 'file';
  return message.image_data === null ? 'none' : 'bytes';
};

/** What a play that is not complete is about: the reason, the steps, and what has happened so far. */
export function report(state: PlayState): string {
  const { at, steps, failure, transcript } = state;
  const present = steps[at];
  const where =
    present === undefined ? 'after its last step' : `at step ${at + 1} of ${steps.length}, ${describeStep(present)}`;
  const why = failure === null ? 'it is still waiting' : failure;
  return [
    `The scenario ${failure === null ? 'is not complete' : 'failed'} ${where}: ${why}.`,
    'Steps:',
    ...steps.map((step, index) => `  ${markOf(state, index)} ${index + 1}. ${describeStep(step)}`),
    'What happened (> from the client, < from the service):',
    ...(transcript.length === 0 ? ['  nothing'] : transcript.map((line) => `  ${line}`)),
  ].join('\n');
}

function markOf(state: PlayState, index: number): string {
  if (index < state.at) return '✓';
  if (index > state.at) return ' ';
  return statusOf(state) === 'failed' ? '✗' : '…';
}

export const transcriptLine = (atMs: number, socket: number, text: string): string =>
  `${String(Math.round(atMs)).padStart(6)} ms  #${socket} ${text}`;

const json = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
};

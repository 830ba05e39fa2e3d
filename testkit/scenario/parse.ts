import { DecartError } from '../../core/errors.js';
import { Scenario } from './builder.js';
import { decodeStep } from './step.js';

const invalid = (field: string, message: string): DecartError =>
  new DecartError({ code: 'INVALID_INPUT', message: `Scenario${message}`, permanent: true, data: { field } });

/**
 * Reads a script from the text of a JSON file: `{ "steps": [{ "step": "expectJoin" }, …] }`, or the list alone.
 * @throws DecartError INVALID_INPUT; the message names line, step and field
 */
export function parseScenario(text: string): Scenario {
  const steps = listOf(parseJson(text));
  const offsets = offsetsOfSteps(text);
  return new Scenario(
    steps.map((step, index) => {
      const offset = offsets[index];
      return decodeStep(step, `${offset === undefined ? '' : `${placeOf(text, offset)}, `}step ${index + 1}`);
    }),
  );
}

/**
 * Checks a script that comes as a value: a `Scenario`, what `toJSON` gives, or a list of steps.
 * @throws DecartError INVALID_INPUT; the message names step and field
 */
export function decodeScenario(value: unknown): Scenario {
  return new Scenario(listOf(value).map((step, index) => decodeStep(step, `step ${index + 1}`)));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    // Engines name the place in words of their own, or not at all; V8 names none at the end of the text.
    const [, position] = /position (\d+)/.exec(why) ?? [];
    const offset = position === undefined && /end of/i.test(why) ? text.length : position;
    const place = offset === undefined ? '' : `, ${placeOf(text, Number(offset))}`;
    throw invalid('scenario', `${place}: not JSON (${why.replace(/ in JSON at position.*$/s, '')}).`);
  }
}

/** Line and column, both from 1. */
function placeOf(text: string, offset: number): string {
  const lines = text.slice(0, offset).split('\n');
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}

/** Far more than a script has, far less than the stack can take. */
const DEEPEST = 100;

/** Where each entry of the list of steps begins, in a text that is JSON. */
function offsetsOfSteps(text: string): readonly number[] {
  const offsets: number[] = [];
  // The list is the whole text, or its member "steps".
  const isList = /^\s*\[/.test(text);
  let member = '';
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]|[^\s{}[\]",:]+/g)) {
    if (depth === 1 && !isList && token.startsWith('"')) member = token;
    const isInList = isList ? depth === 1 : depth === 2 && member === '"steps"';
    if (isInList && token !== '}' && token !== ']') offsets.push(index);
    if (token === '{' || token === '[') depth += 1;
    if (token === '}' || token === ']') depth -= 1;
    if (depth > DEEPEST) throw invalid('scenario', `, ${placeOf(text, index)}: more than ${DEEPEST} levels.`);
  }
  return offsets;
}

function listOf(value: unknown): readonly unknown[] {
  const steps = typeof value === 'object' && value !== null && 'steps' in value ? value.steps : value;
  if (!Array.isArray(steps)) throw invalid('steps', ': expected { "steps": […] } or a list of steps.');
  const early = steps.findIndex((step, index) => step?.step === 'serve' && index < steps.length - 1);
  if (early !== -1) throw invalid('step', `, step ${early + 1} (serve): must be the last one.`);
  return steps;
}

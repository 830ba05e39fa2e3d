import { DecartError } from '../../core/errors.js';
import { Scenario } from './builder.js';
import { JsonError, type ParsedJson, parseJson } from './json-text.js';
import { decodeStep } from './step.js';

const invalid = (field: string, message: string): DecartError =>
  new DecartError({ code: 'INVALID_INPUT', message: `Scenario${message}`, permanent: true, data: { field } });

/**
 * Reads a script from the text of a JSON file: `{ "steps": [{ "step": "expectJoin" }, …] }`, or the list alone.
 * @throws DecartError INVALID_INPUT; the message names line, step and field
 */
export function parseScenario(text: string): Scenario {
  const { value, lineOf } = read(text);
  return new Scenario(
    listOf(value).map((step, index) => {
      const line = typeof step === 'object' && step !== null ? lineOf(step) : undefined;
      return decodeStep(step, `${line === undefined ? '' : `line ${line}, `}step ${index + 1}`);
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

function read(text: string): ParsedJson {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonError) throw invalid('scenario', `, line ${error.line}: ${error.message}.`);
    throw error;
  }
}

function listOf(value: unknown): readonly unknown[] {
  const steps = typeof value === 'object' && value !== null && 'steps' in value ? value.steps : value;
  if (!Array.isArray(steps)) throw invalid('steps', ': expected { "steps": […] } or a list of steps.');
  const early = steps.findIndex((step, index) => step?.step === 'serve' && index < steps.length - 1);
  if (early !== -1) throw invalid('step', `, step ${early + 1} (serve): must be the last one.`);
  return steps;
}

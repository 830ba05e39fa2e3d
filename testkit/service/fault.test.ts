import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeFault, faultExamples } from './fault.js';

const examples = Object.entries(faultExamples);
const page = readFileSync(join(__dirname, '../../docs/simulator.md'), 'utf8');

test.each(examples)('the example of %s is a fault, and is on the page about the simulator', (_kind, example) => {
  expect(decodeFault(example)).toEqual(example);
  expect(page).toContain(`\`${JSON.stringify(example)}\``);
});

test('what is wrong with a fault is said with an example of it', () => {
  expect(() => decodeFault({ kind: 'ack' })).toThrow(
    'Fault: ack: wrong or missing mode. An example: {"kind":"ack","mode":{"kind":"lost"},"times":1}',
  );
});

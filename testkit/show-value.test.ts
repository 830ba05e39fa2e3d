import { expect, test } from '@jest/globals';
import { showValue } from './show-value.js';

class Point {
  constructor(readonly x: number) {}
}
const circle: { self?: unknown } = {};
circle.self = circle;

test.each<[unknown, string]>([
  ['it\'s "so"\n', `'it\\'s "so"\\n'`],
  ['a'.repeat(205), `'${'a'.repeat(200)}'... 5 more characters`],
  [undefined, 'undefined'],
  [-0, '-0'],
  [12n, '12n'],
  [Symbol('s'), 'Symbol(s)'],
  [function work() {}, '[Function: work]'],
  [null, 'null'],
  [{ a: 1, 'b-c': [true, {}] }, "{ a: 1, 'b-c': [ true, {} ] }"],
  [new Point(3), 'Point { x: 3 }'],
  [new Uint8Array([1, 2]), 'Uint8Array(2) [ 1, 2 ]'],
  [new Map([['a', 1]]), "Map(1) { 'a' => 1 }"],
  [new Set([1]), 'Set(1) { 1 }'],
  [new Date(0), '1970-01-01T00:00:00.000Z'],
  [/a/g, '/a/g'],
  [Object.assign(new Error('no'), { code: 1 }), 'Error: no { code: 1 }'],
  [circle, '{ self: [Circular] }'],
  [Object.create(null), '[Object: null prototype] {}'],
  [Array.from({ length: 101 }, () => 0), `[ ${'0, '.repeat(100)}... 1 more items ]`],
])('%# is shown on one line', (value, shown) => {
  expect(showValue(value)).toBe(shown);
});

test('what lies deeper than one reads is left out', () => {
  let deep: object = { end: true };
  for (let level = 0; level < 8; level += 1) deep = { deep };
  expect(showValue(deep)).toBe(`${'{ deep: '.repeat(7)}[Object]${' }'.repeat(7)}`);
});

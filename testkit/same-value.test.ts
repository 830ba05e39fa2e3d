import { expect, test } from '@jest/globals';
import { sameValue } from './same-value.js';

class Point {
  constructor(readonly x: number) {}
}
const circle = (name: string) => {
  const node: { name: string; self?: unknown } = { name };
  node.self = node;
  return node;
};

test.each([
  [Number.NaN, Number.NaN],
  [{ a: [1, { b: undefined }] }, { a: [1, { b: undefined }] }],
  [new Date(5), new Date(5)],
  [/a/g, /a/g],
  [new Map([['a', { n: 1 }]]), new Map([['a', { n: 1 }]])],
  [new Set([{ n: 1 }, { n: 2 }]), new Set([{ n: 2 }, { n: 1 }])],
  [new Uint8Array([1, 2]), new Uint8Array([1, 2])],
  [new Uint8Array([1, 2]).buffer, new Uint8Array([1, 2]).buffer],
  [new Error('x', { cause: 'y' }), new Error('x', { cause: 'y' })],
  [new Point(1), new Point(1)],
  [circle('a'), circle('a')],
])('%p is the same as %p', (a, b) => {
  expect(sameValue(a, b)).toBe(true);
});

test.each([
  [0, -0],
  [1, '1'],
  [{ a: undefined }, {}],
  [[1, 2], [1]],
  [[1], { 0: 1, length: 1 }],
  [new Date(5), new Date(6)],
  [/a/g, /a/i],
  [new Map([['a', 1]]), new Map([['a', 2]])],
  [new Set([1]), new Set([2])],
  [new Uint8Array([1, 2]).buffer, new Uint8Array([1, 3]).buffer],
  [new Error('x'), new Error('y')],
  [new Error('x', { cause: 1 }), new Error('x', { cause: 2 })],
  [new Point(1), { x: 1 }],
  [circle('a'), circle('b')],
])('%p is not the same as %p', (a, b) => {
  expect(sameValue(a, b)).toBe(false);
});

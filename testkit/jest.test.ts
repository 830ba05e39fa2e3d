import { memorySignalingHarness, signalingConformance } from './conformance.js';
import { marbles, setUpTestkit, testConformance } from './jest.js';
import { createLedger } from './ledger.js';

const say = globalThis.console;
const { log } = say;

setUpTestkit();

test('a ledger is asked for leaks', () => {
  const ledger = createLedger();
  expect(ledger).toHaveNoLeaks();
  const close = ledger.opened('tracks');
  expect(() => expect(ledger).toHaveNoLeaks()).toThrow('tracks: 1');
  close();
});

test('the console is guarded', () => {
  expect(say.log).not.toBe(log);
});

test("marbles that differ are shown by jest's diff, line by line", () => {
  const differ = () => marbles(({ cold, expectObservable }) => expectObservable(cold('a-b|')).toBe('a-c|'));
  expect(differ).toThrow(/-\s+"\s+2 ms {2}next {6}'c'"/);
  expect(differ).toThrow(/\+\s+"\s+2 ms {2}next {6}'b'"/);
  marbles(({ cold, expectObservable }) => expectObservable(cold('a-b|')).toBe('a-b|'));
});

describe('cases become tests', () => {
  testConformance(signalingConformance(memorySignalingHarness()).slice(0, 3));
});

test('without the globals it says so', () => {
  const { expect: kept } = globalThis as { expect?: unknown };
  try {
    Object.assign(globalThis, { expect: undefined });
    let message = '';
    try {
      setUpTestkit();
    } catch (error) {
      message = String(error);
    }
    Object.assign(globalThis, { expect: kept });
    expect(message).toContain('setUpTestkit(): there are no global expect and test');
  } finally {
    Object.assign(globalThis, { expect: kept });
  }
});

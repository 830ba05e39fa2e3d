import { expect, test } from '@jest/globals';
import type { MediaFault } from '../../service/media-fault.js';
import { networkPresets } from '../../service/network.js';
import { createKeyRing } from '../key-ring.js';
import { createNoMedia } from '../media/no-media.js';
import { readOptions } from '../options.js';
import { createRestFaultDeck } from '../rest/rest-faults.js';
import { createFaultDeck } from '../signaling/fault-deck.js';
import { createFaults } from './faults.js';

function faultsWithRecord() {
  const ordered: MediaFault[] = [];
  const deck = createFaultDeck();
  const { scheduler } = readOptions();
  const faults = createFaults({
    deck,
    signaling: { upgrade: () => {}, scenario: null, sessions: () => [], close: () => Promise.resolve() },
    media: { ...createNoMedia(), fault: (fault) => ordered.push(fault) },
    stun: { apply: () => {} },
    keys: createKeyRing('key', true, scheduler),
    rest: createRestFaultDeck(),
  });
  return { faults, ordered, deck };
}

test('what one does to the network adds up, a preset or shape replaces it', () => {
  const { faults, ordered } = faultsWithRecord();
  faults.lossPercent(2);
  faults.delay(40, 10);
  faults.bandwidth(800);
  const both = { lossPercent: 2, delayMs: 40, jitterMs: 10, bandwidthKbps: 800 };
  expect(ordered.at(-1)).toEqual({ kind: 'network', upstream: both, downstream: both });
  faults.network('hotel');
  expect(ordered.at(-1)).toEqual({ kind: 'network', ...networkPresets.hotel });
  faults.network({ upstream: { blackout: true }, downstream: {} });
  expect(ordered.at(-1)).toEqual({ kind: 'network', upstream: { blackout: true }, downstream: {} });
  faults.network({ delayMs: 5 });
  expect(ordered.at(-1)).toEqual({ kind: 'network', upstream: { delayMs: 5 }, downstream: { delayMs: 5 } });
});

test('clear takes everything back', () => {
  const { faults, ordered, deck } = faultsWithRecord();
  faults.ack('lost', Number.POSITIVE_INFINITY);
  faults.refuseUpgrade();
  faults.stallInference(true);
  faults.clear();
  expect(deck.nextAck()).toEqual({ kind: 'normal' });
  expect(deck.nextUpgrade()).toBeNull();
  expect(ordered.slice(1)).toEqual([
    { kind: 'network', upstream: {}, downstream: {} },
    { kind: 'stall-inference', stalled: false },
    { kind: 'inference-lag', lagMs: 0 },
  ]);
});

test('planned faults are used up in the order they were planned', () => {
  const { faults, deck } = faultsWithRecord();
  faults.ack('lost', 2);
  faults.ack({ kind: 'slow', delayMs: 5 });
  expect([1, 2, 3, 4].map(() => deck.nextAck().kind)).toEqual(['lost', 'lost', 'slow', 'normal']);
});

test.each([
  ['percent', () => faultsWithRecord().faults.lossPercent(101)],
  ['delay', () => faultsWithRecord().faults.delay(-1)],
  ['bandwidth', () => faultsWithRecord().faults.bandwidth(0)],
  ['lag', () => faultsWithRecord().faults.inferenceLag(Number.NaN)],
  ['times', () => faultsWithRecord().faults.refuseJoins(1.5)],
  ['preset', () => faultsWithRecord().faults.network('toString' as never)],
  ['network', () => faultsWithRecord().faults.network(null as never)],
  ['frame', () => faultsWithRecord().faults.sendBinary(null as never)],
])('a wrong %s is refused', (_, order) => {
  expect(order).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
});

const spoil: (...order: readonly unknown[]) => void = (...order) => {
  const { rest } = faultsWithRecord().faults;
  rest.spoil(...(order as Parameters<typeof rest.spoil>));
};

test.each([
  ['call', ['tokens', { kind: 'reset' }]],
  ['kind', ['token', null]],
  ['kind', ['token', { kind: 'statuss' }]],
  ['status', ['token', { kind: 'status' }]],
  ['status', ['token', { kind: 'status', status: 99 }]],
  ['status', ['token', { kind: 'status', status: 101 }]],
  ['status', ['token', { kind: 'status', status: 1000 }]],
  ['text', ['token', { kind: 'status', status: 503, text: {} }]],
  ['retryAfter', ['token', { kind: 'status', status: 503, retryAfter: 'a\nb' }]],
  ['times', ['token', { kind: 'reset' }, 0]],
])('a wrong %s of a REST fault is refused: %j', (field, order) => {
  expect(() => spoil(...order)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', data: { field } }));
});

test('each REST fault is planned as it is ordered', () => {
  const rest = createRestFaultDeck();
  const planned = [
    { kind: 'status', status: 429, text: 'later', retryAfter: 'Wed, 21 Oct 2026 07:28:00 GMT' },
    { kind: 'reset' },
    { kind: 'silent' },
    { kind: 'garbage' },
  ] as const;
  for (const fault of planned) rest.spoil('token', fault);
  expect(planned.map(() => rest.take('token'))).toEqual(planned);
  expect(() => rest.failJobs(1, null as never)).toThrow(expect.objectContaining({ data: { field: 'error' } }));
});

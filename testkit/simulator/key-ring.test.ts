import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { VirtualTimeScheduler } from 'rxjs';
import { createKeyRing, type KeyGrant } from './key-ring.js';

const grant: KeyGrant = {
  expiresAtMs: 60_000,
  allowedModels: ['lucy-latest'],
  allowedOrigins: ['https://app.example'],
  maxSessionSeconds: 30,
};
const use = { key: 'ek_1', model: 'lucy-latest', origin: 'https://app.example' };

function ring(strict = true) {
  const scheduler = new VirtualTimeScheduler();
  const keys = createKeyRing('permanent', strict, scheduler);
  keys.issue('ek_1', grant);
  return { keys, scheduler };
}

test('an issued key opens what it was issued for, within its limits', () => {
  const { keys } = ring();
  expect(keys.check(use)).toEqual({ accepted: true, maxSessionSeconds: 30 });
  expect(keys.check({ ...use, model: 'lucy-2.5' })).toMatchObject({ accepted: false, status: 403 });
  expect(keys.check({ ...use, origin: 'https://other.example' })).toMatchObject({ accepted: false, status: 403 });
  expect(keys.check({ ...use, origin: null })).toMatchObject({ accepted: false, status: 403 });
});

test('it expires with its time, or on order', () => {
  const { keys, scheduler } = ring();
  scheduler.frame = 59_999;
  expect(keys.check(use)).toMatchObject({ accepted: true });
  scheduler.frame = 60_000;
  expect(keys.check(use)).toMatchObject({ accepted: false, status: 401, reason: expect.stringContaining('expired') });
  const other = ring();
  other.keys.expireAll();
  expect(other.keys.check(use)).toMatchObject({ accepted: false, status: 401 });
});

test.each([
  [true, false],
  [false, true],
])('strict %s: a key that nobody issued is accepted: %s', (strict, accepted) => {
  const { keys } = ring(strict);
  expect(keys.check({ ...use, key: 'unknown' })).toMatchObject({ accepted });
  expect(keys.check({ ...use, key: '' })).toMatchObject({ accepted: false, status: 401 });
  expect(keys.check({ ...use, key: 'permanent', model: 'any' })).toEqual({ accepted: true, maxSessionSeconds: null });
});

test('refusals never show the key', () => {
  const { keys } = ring();
  for (const key of ['unknown-secret', 'ek_1']) {
    expect(JSON.stringify(keys.check({ key, model: 'lucy-2.5', origin: null }))).not.toContain(key);
  }
});

test('a key may be large, its place on the ring is not', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heap = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const { keys } = ring();
  const text = (name: string): string => Buffer.alloc(1_000_000, name).toString('latin1');
  const names = Array.from({ length: 64 }, (_, i) => `key ${i} `);
  const before = heap();
  for (const name of names) keys.issue(text(name), grant);
  expect(heap() - before).toBeLessThan(16_000_000);
  for (const name of names) expect(keys.check({ ...use, key: text(name) })).toMatchObject({ accepted: true });
});

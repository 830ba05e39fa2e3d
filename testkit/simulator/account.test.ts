import { expect, jest, test } from '@jest/globals';
import { VirtualTimeScheduler } from 'rxjs';
import { type AccountLimits, createAccount, type SessionSlot } from './account.js';

function accountInVirtualTime(limits: Partial<AccountLimits>) {
  const scheduler = new VirtualTimeScheduler();
  const account = createAccount({ maxSessions: null, credits: null, ...limits }, scheduler);
  const admit = (): SessionSlot => {
    const admission = account.admit();
    if (!admission.admitted) throw new Error(admission.reason);
    return admission.slot;
  };
  const at = (atMs: number, run: () => void) => scheduler.schedule(run, atMs);
  return { scheduler, account, admit, at };
}

test.each([
  ['a clean end', true, 5_000],
  ['a crash', false, 45_000],
])('a slot is free again a while after %s, and not sooner', (_name, isClean, freeAfterMs) => {
  const { scheduler, account, admit, at } = accountInVirtualTime({ maxSessions: 2 });
  const seen: unknown[] = [];
  const look = () => seen.push(account.quota());
  admit();
  const slot = admit();
  at(1_000, () => slot.release(isClean));
  // A session that has ended closes its socket later; that changes nothing.
  at(2_000, () => slot.release(!isClean));
  at(1_000 + freeAfterMs - 1, look);
  at(1_000 + freeAfterMs, look);
  scheduler.flush();
  expect(seen).toEqual([
    { limit: 2, active: 2, remaining: 0 },
    { limit: 2, active: 1, remaining: 1 },
  ]);
});

test('over the limit nobody is admitted, and nobody is counted', () => {
  const { account, admit } = accountInVirtualTime({ maxSessions: 1 });
  admit();
  const refusal = { admitted: false, reason: 'Concurrent session limit reached.', closeCode: 1013 };
  expect([account.admit(), account.admit()]).toEqual([refusal, refusal]);
  expect(account.quota()).toEqual({ limit: 1, active: 1, remaining: 0 });
});

test('without a limit the sessions are still counted', () => {
  const { account, admit } = accountInVirtualTime({});
  admit();
  admit();
  expect(account.quota()).toEqual({ limit: null, active: 2, remaining: null });
  expect(account.charge()).toBe('paid');
});

test('slots that are free again are forgotten with the next session, though nobody counts them', () => {
  const { scheduler, account, admit, at } = accountInVirtualTime({});
  for (let second = 0; second < 100; second += 1) at(second * 1_000, () => admit().release(true));
  scheduler.flush();
  const now = jest.spyOn(scheduler, 'now');
  // Each slot that is kept is looked at.
  expect(account.quota().active).toBe(5);
  expect(now.mock.calls.length).toBeLessThan(10);
});

test('credits are spent second by second, by all sessions', () => {
  const { account, admit } = accountInVirtualTime({ credits: 2 });
  admit();
  expect([account.charge(), account.charge(), account.charge()]).toEqual(['paid', 'last', 'refused']);
  expect(account.admit()).toEqual({ admitted: false, reason: 'Insufficient credits', closeCode: 1008 });
});

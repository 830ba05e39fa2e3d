import { expect, test } from '@jest/globals';
import { interval, take, timer, VirtualTimeScheduler } from 'rxjs';
import { createMemoryNetwork } from '../transports/memory/index.js';
import { mediaConformance, memoryMediaHarness, memorySignalingHarness, signalingConformance } from './conformance.js';
import { createLedger, ledgerMatchers } from './ledger.js';

test('sockets and rooms are open from the subscription until closed', () => {
  const scheduler = new VirtualTimeScheduler();
  const network = createMemoryNetwork({ scheduler });
  const ledger = createLedger();
  const socket = ledger.signaling(network.signaling).open({ url: 'memory://x' });
  expect(ledger.open.sockets).toBe(0);
  socket.events$.subscribe();
  expect(ledger.open.sockets).toBe(1);
  socket.close();
  expect(ledger.open.sockets).toBe(1);
  scheduler.flush();
  expect(ledger.total).toBe(0);
  ledger.expectNoLeaks();
});

test('a socket that is unsubscribed from is closed', () => {
  const ledger = createLedger();
  const { signaling } = createMemoryNetwork();
  ledger.signaling(signaling).open({ url: 'memory://x' }).events$.subscribe().unsubscribe();
  expect(ledger.open.sockets).toBe(0);
});

test('timers are open until they have run for the last time', () => {
  const scheduler = new VirtualTimeScheduler();
  const ledger = createLedger();
  const counted = ledger.scheduler(scheduler);
  timer(10, counted).subscribe();
  const ticks: number[] = [];
  interval(10, counted)
    .pipe(take(3))
    .subscribe((tick) => {
      ticks.push(tick);
      // The last tick unsubscribes only after it was emitted.
      expect(ledger.open.timers).toBe(tick === 0 ? 1 : 1);
    });
  expect(ledger.open.timers).toBe(2);
  scheduler.flush();
  expect(ticks).toEqual([0, 1, 2]);
  expect(counted.now()).toBe(30);
  expect(ledger.open.timers).toBe(0);
});

test('a timer that is unsubscribed from never runs', () => {
  const scheduler = new VirtualTimeScheduler();
  const ledger = createLedger();
  let runs = 0;
  const subscription = ledger.scheduler(scheduler).schedule(() => {
    runs += 1;
  }, 10);
  subscription.unsubscribe();
  expect(ledger.open.timers).toBe(0);
  scheduler.flush();
  expect(runs).toBe(0);
});

test('work gets its state, and a timer whose work throws is closed', () => {
  const scheduler = new VirtualTimeScheduler();
  const ledger = createLedger();
  ledger.scheduler(scheduler).schedule<string>(
    (state) => {
      throw new Error(state);
    },
    1,
    'the state',
  );
  expect(() => scheduler.flush()).toThrow('the state');
  expect(ledger.open.timers).toBe(0);
});

test('a leak is named, with its place when traces are on', () => {
  const ledger = createLedger({ traces: true });
  const close = ledger.opened('readers', 'remote video');
  ledger.gauge('tracks', () => 2);
  ledger.scheduler(new VirtualTimeScheduler()).schedule(() => undefined, 500);
  expect(() => ledger.expectNoLeaks()).toThrow(/^Not closed:\n {2}timers: 1: #1 \(500 ms\)\n[\s\S]*ledger\.test/);
  expect(() => ledger.expectNoLeaks()).toThrow(/\n {2}tracks: 2\n {2}readers: 1: #1 \(remote video\)/);
  close();
  close();
  expect(ledger.open.readers).toBe(0);
});

test('a wrapped transport keeps every obligation', async () => {
  const ledger = createLedger();
  const signaling = signalingConformance(memorySignalingHarness((transport) => ledger.signaling(transport)));
  const media = mediaConformance(memoryMediaHarness((transport) => ledger.media(transport)));
  for (const { run } of [...signaling, ...media]) await run();
  expect(ledger.total).toBe(0);
});

test('the ledger matcher', () => {
  const ledger = createLedger();
  expect(ledgerMatchers.toHaveNoLeaks(ledger).pass).toBe(true);
  ledger.opened('tracks');
  const { pass, message } = ledgerMatchers.toHaveNoLeaks(ledger);
  expect([pass, message()]).toEqual([false, 'Not closed:\n  tracks: 1: #1']);
});

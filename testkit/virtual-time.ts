import type { VirtualTimeScheduler } from 'rxjs';
import { invalid } from '../core/errors.js';

/** Turns of the microtask queue that a chain of promises of an app may take, one after the other. */
const PROMISE_TURNS = 20;

/**
 * Lets virtual time pass, step by step, and lets promises of the code under test go on at each step. `scheduler.flush()`
 * runs to the end of time instead, where nothing more can happen, and waits for no promise.
 *
 * @param ms milliseconds, not negative @default 0
 * @param settle called before and after each step, for a framework that renders what has changed @default nothing
 * @throws DecartError INVALID_INPUT for no such time
 *
 * @example
 * ```ts
 * import { createDecartClient } from 'decart-rx';
 * import { advance, createMemoryPlatform, scenario, scenarioNetwork } from 'decart-rx/testkit';
 * import { VirtualTimeScheduler } from 'rxjs';
 *
 * export async function losesAnAck(): Promise<unknown> {
 *   const scheduler = new VirtualTimeScheduler();
 *   const service = scenarioNetwork(scenario().expectJoin().roomInfo().expectPrompt('rain'), { scheduler });
 *   const { realtime } = createDecartClient({ apiKey: 'test', scheduler }, createMemoryPlatform(service));
 *   const failed = realtime.connect({ model: 'lucy-2.1' }).then(() => realtime.setPrompt('rain')).catch((error) => error);
 *   await advance(scheduler, 15_000); // how long an acknowledgement is waited for
 *   return failed;
 * }
 * ```
 */
export async function advance(
  scheduler: VirtualTimeScheduler,
  ms = 0,
  settle: () => void = () => undefined,
): Promise<void> {
  // Any other would leave the clock where it cannot go on from.
  if (!Number.isFinite(ms) || ms < 0) throw invalid('advance(): expected 0 milliseconds or more.', { field: 'ms' });
  const untilMs = scheduler.frame + ms;
  const promises = async (): Promise<void> => {
    settle();
    for (let turn = 0; turn < PROMISE_TURNS; turn += 1) await Promise.resolve();
    settle();
  };
  await promises();
  for (let next = scheduler.actions[0]; next !== undefined && next.delay <= untilMs; next = scheduler.actions[0]) {
    scheduler.maxFrames = next.delay;
    scheduler.flush();
    await promises();
  }
  scheduler.frame = untilMs;
}

import type { VirtualTimeScheduler } from 'rxjs';

/** Turns of the microtask queue that a chain of promises of an app may take, one after the other. */
const PROMISE_TURNS = 20;

/**
 * Lets virtual time pass, step by step, and lets promises of the code under test go on at each step. `scheduler.flush()`
 * runs to the end of time instead, where nothing more can happen, and waits for no promise.
 *
 * @param ms milliseconds @default 0
 * @param settle called before and after each step, for a framework that renders what has changed @default nothing
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

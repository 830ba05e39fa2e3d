// Sessions that the service ends, an account that is full or has no credits, and limits, on the simulator.
import { afterEach, expect, test } from '@jest/globals';
import { filter, firstValueFrom } from 'rxjs';
import type { SessionEnd, SessionUsage } from '../../../core/index.js';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../testkit/simulator/index.js';
import { createDecartClient, type DecartClient, type DecartClientConfig } from '../index.js';
import { first, model } from './stage.js';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(options: SimulatorOptions): Promise<Simulator> {
  const simulator = await startSimulator(options);
  closing.push(() => simulator.close());
  return simulator;
}

interface Session {
  readonly client: DecartClient;
  readonly realtime: DecartClient['realtime'];
  readonly ends: SessionEnd[];
  readonly usage: SessionUsage[];
  readonly codes: string[];
}

function clientOf({ apiKey, baseUrl, httpBaseUrl }: Simulator, config: Partial<DecartClientConfig> = {}): Session {
  const client = createDecartClient({ apiKey, baseUrl, httpBaseUrl, ...config });
  closing.push(() => client.release());
  const { realtime } = client;
  const session: Session = { client, realtime, ends: [], usage: [], codes: [] };
  realtime.ended$.subscribe((end) => session.ends.push(end));
  realtime.usage$.subscribe((usage) => session.usage.push(usage));
  realtime.errors$.subscribe(({ code }) => session.codes.push(code));
  return session;
}

async function connect(realtime: DecartClient['realtime'], more = {}): Promise<void> {
  const local = await realtime.createLocalVideoStream({ model }, { source: 'test-pattern' });
  closing.push(() => local.dispose());
  await realtime.connect({ model, ...more }, local);
}
const isOver = (realtime: DecartClient['realtime']) => first(realtime.connectionState$, (is) => is === 'disconnected');
const nobody = (simulator: Simulator) =>
  firstValueFrom(simulator.sessions$.pipe(filter((sessions) => sessions.length === 0)));
const joins = (simulator: Simulator) => simulator.received.filter(({ type }) => type === 'livekit_join').length;

test("a token's longest duration ends the session, once, with its reason", async () => {
  const simulator = await start({ tickIntervalMs: 250 });
  // Long enough to be connected on any machine.
  const constraints = { realtime: { maxSessionDuration: 8 } };
  const { apiKey } = await clientOf(simulator).client.tokens.create({ constraints });
  const { realtime, ends, usage, codes } = clientOf(simulator, { apiKey });
  await connect(realtime);
  await isOver(realtime);
  await nobody(simulator);
  expect(ends).toEqual([{ reason: 'timeout', by: 'service', seconds: 8, restartable: true }]);
  expect(codes).toEqual(['SESSION_TIME_LIMIT']);
  expect(usage.at(-1)).toEqual({ seconds: 8, cost: 0.16, currency: 'USD', remainingSeconds: null });
  expect(joins(simulator)).toBe(1);
});

test('credits that run out end the session, and refuse the next', async () => {
  const simulator = await start({ credits: 8, tickIntervalMs: 250 });
  const { realtime, ends } = clientOf(simulator);
  await connect(realtime);
  await isOver(realtime);
  expect(ends).toEqual([{ reason: 'insufficient_credits', by: 'service', seconds: 8, restartable: false }]);
  await expect(connect(realtime)).rejects.toMatchObject({ code: 'INSUFFICIENT_CREDITS', permanent: true });
  expect(joins(simulator)).toBe(1);
});

test('a full account refuses at once, says so as its quota, and takes the one who waits when a slot is free', async () => {
  const simulator = await start({ maxSessions: 1 });
  const [one, two, three] = [clientOf(simulator), clientOf(simulator), clientOf(simulator)];
  expect(await one.realtime.quota()).toEqual({ limit: 1, active: 0, remaining: 1 });
  await connect(one.realtime);
  expect(await two.realtime.quota()).toEqual({ limit: 1, active: 1, remaining: 0 });
  await expect(connect(two.realtime)).rejects.toMatchObject({ code: 'SESSION_LIMIT_REACHED' });
  const waiting: boolean[] = [];
  three.realtime.waitingForCapacity$.subscribe((isWaiting) => waiting.push(isWaiting));
  const connected = connect(three.realtime, { whenFull: 'wait' });
  await first(three.realtime.waitingForCapacity$, (isWaiting) => isWaiting);
  await one.realtime.disconnect();
  await connected;
  expect(waiting).toEqual([false, true, false]);
  expect(three.codes).toEqual([]);
  expect(three.ends).toEqual([]);
});

test('a limit of seconds holds over a reconnect, and no second more is billed than one', async () => {
  const simulator = await start({ tickIntervalMs: 500 });
  const { realtime, ends, usage } = clientOf(simulator);
  let billed = 0;
  const seconds = new Map<string, number>();
  const watching = simulator.sessions$.subscribe((sessions) => {
    for (const session of sessions) seconds.set(session.id, session.seconds);
    billed = [...seconds.values()].reduce((sum, each) => sum + each, 0);
  });
  await connect(realtime, { limits: { maxSeconds: 5 } });
  await first(realtime.usage$, (used) => used.seconds >= 2);
  simulator.faults.dropSocket(1006);
  await isOver(realtime);
  await nobody(simulator);
  watching.unsubscribe();
  expect(ends).toEqual([{ reason: 'maxSeconds', by: 'limit', seconds: 5, restartable: true }]);
  expect(usage.at(-1)).toEqual({ seconds: 5, cost: 0.1, currency: 'USD', remainingSeconds: 0 });
  expect(seconds.size).toBe(2);
  expect(billed).toBeGreaterThanOrEqual(5);
  expect(billed).toBeLessThanOrEqual(6);
});

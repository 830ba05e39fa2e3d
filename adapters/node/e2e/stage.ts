// A simulator for a file of tests, and clients of it that are closed after each.
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { filter, firstValueFrom, type Observable } from 'rxjs';
import type { RealtimeModel } from '../../../core/index.js';
import { simulatorMedia } from '../../../testkit/simulator/conformance/livekit-server.js';
import type { SimulatorOptions } from '../../../testkit/simulator/options.js';
import { type Simulator, startSimulator } from '../../../testkit/simulator/simulator.js';
import { createDecartClient, type DecartClient, type NodeLocalStream, type NodeVideoSource } from '../index.js';

export const model: RealtimeModel = { name: 'lucy-latest', urlPath: '/v1/stream', fps: 30, width: 640, height: 360 };

type ConnectOptions = Parameters<DecartClient['realtime']['connect']>[0];

export interface Stage {
  readonly simulator: Simulator;
  /** A client that is released after the test. */
  client(): DecartClient;
  /** A session, by default with a marked test picture. */
  connect(
    client: DecartClient,
    options?: Partial<ConnectOptions>,
    source?: NodeVideoSource,
  ): Promise<{ readonly local: NodeLocalStream; readonly realtime: DecartClient['realtime'] }>;
}

/** Call it once, at the top of a file. */
export function createStage(options: SimulatorOptions = {}): Stage {
  let simulator: Simulator | null = null;
  const clients: DecartClient[] = [];
  const locals: NodeLocalStream[] = [];
  // A client of its own keeps the native library running from test to test.
  beforeAll(async () => {
    simulator = await startSimulator({ ...simulatorMedia(), ...options });
  });
  afterEach(async () => {
    simulator?.faults.clear();
    await Promise.all(clients.splice(0).map((client) => client.release()));
    await Promise.all(locals.splice(0).map((local) => local.dispose()));
  });
  afterAll(() => simulator?.close());

  const running = (): Simulator => {
    if (simulator === null) throw new Error('The simulator is not running yet.');
    return simulator;
  };
  return {
    get simulator() {
      return running();
    },
    client() {
      const { apiKey, baseUrl, httpBaseUrl } = running();
      const client = createDecartClient({ apiKey, baseUrl, httpBaseUrl });
      clients.push(client);
      return client;
    },
    async connect({ realtime }, more = {}, source = 'test-pattern') {
      const { debugQuality = true } = more;
      const chosen = (more.model as RealtimeModel | undefined) ?? model;
      const local = await realtime.createLocalVideoStream({ model: chosen }, { source, debugQuality, mirror: 'off' });
      locals.push(local);
      await realtime.connect({ model: chosen, debugQuality, ...more }, local);
      return { local, realtime };
    },
  };
}

/** The first value that fulfils a condition. */
export const first = <T, S extends T>(
  source: Observable<T>,
  condition: ((value: T) => value is S) | ((value: T) => boolean),
): Promise<S> => firstValueFrom(source.pipe(filter(condition as (value: T) => value is S)));

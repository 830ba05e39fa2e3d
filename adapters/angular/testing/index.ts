// decart-rx/angular/testing: components and services of an app against a script of the service, in memory and in
// virtual time.
import { type EnvironmentProviders, inject, makeEnvironmentProviders } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { defer, NEVER, of, VirtualTimeScheduler } from 'rxjs';
import { createDecartClient } from '../../../core/client.js';
import { createMemoryPlatform } from '../../../testkit/memory-platform.js';
import { type Scenario, type ScenarioNetwork, type ScenarioStep, scenarioNetwork } from '../../../testkit/scenario.js';
import { advance as passTime } from '../../../testkit/virtual-time.js';
import { createMemoryLocalStream, type MemoryLocalStream } from '../../../transports/memory/index.js';
import type { DecartClient } from '../../browser/index.js';
import { type DecartFeature, provideDecart, withClient } from '../provide.js';

export { Scenario, ScenarioError, type ScenarioStep, scenario } from '../../../testkit/scenario.js';
export {
  createMemoryLocalStream,
  type MemoryLocalStream,
  type MemoryRemoteStream,
} from '../../../transports/memory/index.js';

/**
 * The service that a test plays, and its clock. `TestBed.inject(DecartTesting)` gives it.
 */
export class DecartTesting {
  /** The clock of the client, the prompt's delay and the script. */
  readonly scheduler = new VirtualTimeScheduler();
  readonly #service: ScenarioNetwork;

  constructor(script: Scenario | readonly ScenarioStep[]) {
    this.#service = scenarioNetwork(script, { scheduler: this.scheduler });
  }

  /** Sockets, rooms, and what is open now. */
  get network(): ScenarioNetwork['network'] {
    return this.#service.network;
  }

  /** What has happened so far, a line each. */
  get transcript(): readonly string[] {
    return this.#service.transcript;
  }

  /**
   * Lets time pass. The app's effects and templates follow what happens.
   *
   * @param ms milliseconds of virtual time @default 0
   */
  async advance(ms = 0): Promise<void> {
    await passTime(this.scheduler, ms, () => TestBed.tick());
  }

  /** @throws ScenarioError unless every step of the script has been played and nothing was left over */
  assertComplete(): void {
    this.#service.assertComplete();
  }
}

/**
 * Provides a client whose service, in memory, follows a script, in place of `provideDecart()`. Cameras and sessions are
 * of memory, too; their streams can be attached, and `attachedTo` says to what.
 *
 * @example
 * ```ts
 * import type { Type } from '@angular/core';
 * import { TestBed } from '@angular/core/testing';
 * import { advance, assertComplete, provideDecartTesting, scenario } from 'decart-rx/angular/testing';
 *
 * export async function connects(Studio: Type<unknown>): Promise<void> {
 *   TestBed.configureTestingModule({
 *     providers: [provideDecartTesting(scenario().expectJoin().roomInfo().expectPrompt('rain').ack().serve())],
 *   });
 *   const fixture = TestBed.createComponent(Studio);
 *   fixture.nativeElement.querySelector('button').click();
 *   await advance(1_000);
 *   expect(fixture.nativeElement.textContent).toContain('connected');
 *   assertComplete();
 * }
 * ```
 */
export function provideDecartTesting(
  script: Scenario | readonly ScenarioStep[],
  ...features: readonly DecartFeature[]
): EnvironmentProviders {
  return makeEnvironmentProviders([
    { provide: DecartTesting, useFactory: () => new DecartTesting(script) },
    provideDecart(
      () => ({ apiKey: 'test', scheduler: inject(DecartTesting).scheduler }),
      // What only a browser's client takes is left out.
      withClient(({ preload: _, createWorker: _worker, createMetadataWorker: _metadata, ...config }) => {
        const { network } = inject(DecartTesting);
        const platform = createMemoryPlatform({
          network,
          hasCamera: true,
          openCamera: () => defer(() => of(createCamera())),
        });
        // Streams of memory stand in for those of a browser: they have no tracks to play.
        return createDecartClient(config, platform) as unknown as DecartClient;
      }),
      ...features,
    ),
  ]);
}

/** What an app can do with a camera, without one. */
function createCamera(): MemoryLocalStream {
  const done = async (): Promise<void> => undefined;
  return Object.assign(createMemoryLocalStream({ audio: true }), {
    errors$: NEVER,
    setMirror: done,
    switchCamera: done,
    setProcessors: done,
  });
}

/**
 * Lets virtual time pass for the test bed's client and app.
 *
 * @param ms milliseconds @default 0
 */
export const advance = (ms?: number): Promise<void> => TestBed.inject(DecartTesting).advance(ms);

/** @throws ScenarioError unless every step of the test bed's script has been played and nothing was left over */
export const assertComplete = (): void => TestBed.inject(DecartTesting).assertComplete();

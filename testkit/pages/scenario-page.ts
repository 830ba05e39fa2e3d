// The page in which scripts are played on live media.
import { lastValueFrom } from 'rxjs';
import { createDecartClient } from '../../adapters/browser/index.js';
import { playLog, playOptions, transportPlays, type WayIn, wayOptions } from './scenario-plays.js';
import { drawStripes } from './stripes.js';

export interface ScenarioPage {
  /** What the calls of this play's user come to. */
  play(name: string, way: WayIn, config: Parameters<typeof createDecartClient>[0]): Promise<string[]>;
}

const page: ScenarioPage = {
  async play(name, way, config) {
    const { options, user } = transportPlays[name] ?? {};
    if (user === undefined) throw new Error(`There is no play ${name}.`);
    const client = createDecartClient(config);
    const camera = new MediaStream([drawStripes(['red', 'green', 'blue']).track]);
    const session$ = client.realtime.session$({ ...playOptions, ...options, ...wayOptions(way) }, camera);
    const log = await lastValueFrom(playLog(session$, user));
    await client.release();
    return log;
  },
};

Object.assign(globalThis, { scenarioPage: page, isReady: true });

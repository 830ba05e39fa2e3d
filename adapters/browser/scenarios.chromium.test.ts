// The scripts that are played in memory, on live media: over LiveKit rooms, and over peer connections of their own.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openPageSite, type PageSite } from '../../testkit/pages/page-site.js';
import type { ScenarioPage } from '../../testkit/pages/scenario-page.js';
import { transportPlays } from '../../testkit/pages/scenario-plays.js';
import { startSimulator } from '../../testkit/simulator/index.js';

declare const scenarioPage: ScenarioPage;

let site: PageSite;

beforeAll(async () => {
  site = await openPageSite({ entry: 'testkit/pages/scenario-page.ts' });
});
afterAll(() => site?.close());

for (const [name, { script, log }] of Object.entries(transportPlays)) {
  test.each(['lean', 'webrtc'] as const)(`${name}, %s`, async (way) => {
    const simulator = await startSimulator({ scenario: script(way) });
    const opened = await site.open();
    try {
      const { apiKey, baseUrl, httpBaseUrl, scenario: play } = simulator;
      const played = await opened.page.evaluate(([title, into, config]) => scenarioPage.play(title, into, config), [
        name,
        way,
        { apiKey, baseUrl, httpBaseUrl },
      ] as const);
      expect(played).toEqual(log);
      await play?.finished();
      play?.assertComplete();
    } finally {
      await opened.close();
      await simulator.close();
    }
  });
}

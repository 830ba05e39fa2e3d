// The same scripts against the same client, in memory and in virtual time, and over real sockets.
import { describe, expect, test } from '@jest/globals';
import {
  asapScheduler,
  asyncScheduler,
  EMPTY,
  lastValueFrom,
  type Observable,
  type SchedulerLike,
  VirtualTimeScheduler,
} from 'rxjs';
import { createDecartClient } from '../../core/client.js';
import type { Platform } from '../../core/ports/platform.js';
import type { ConnectOptions } from '../../core/session/client/options.js';
import {
  createMemoryLocalStream,
  createMemoryNetwork,
  type MemoryLocalStream,
  type MemoryRemoteStream,
} from '../../transports/memory/index.js';
import { createWebSocketTransport } from '../../transports/signaling/websocket.js';
import { createMemoryPlatform } from '../memory-platform.js';
import {
  outcome,
  playLog,
  playOptions,
  transportPlays,
  type User,
  wayOptions,
  waysIn,
} from '../pages/scenario-plays.js';
import { startSimulator } from '../simulator/simulator.js';
import { type Scenario, scenario } from './builder.js';
import { scenarioNetwork } from './memory-stage.js';
import type { ScenarioPlay } from './run.js';

interface Played {
  readonly log: readonly string[];
  readonly play: ScenarioPlay;
}

function use(
  platform: Platform<MemoryLocalStream, MemoryRemoteStream>,
  config: { readonly baseUrl?: string; readonly scheduler: SchedulerLike },
  more: Partial<ConnectOptions>,
  user: User,
): Observable<string[]> {
  const { realtime } = createDecartClient({ apiKey: 'secret-key', ...config }, platform);
  return playLog(realtime.session$({ ...playOptions, ...more }, createMemoryLocalStream()), user);
}

function inMemory(script: Scenario, more: Partial<ConnectOptions>, user: User): Promise<Played> {
  const scheduler = new VirtualTimeScheduler();
  const service = scenarioNetwork(script, { scheduler });
  let log: readonly string[] = [];
  use(createMemoryPlatform(service), { scheduler }, more, user).subscribe((lines) => {
    log = lines;
  });
  scheduler.maxFrames = 120_000;
  scheduler.flush();
  return Promise.resolve({ log, play: service });
}

async function overSockets(script: Scenario, more: Partial<ConnectOptions>, user: User): Promise<Played> {
  const simulator = await startSimulator({ media: 'none', scenario: script });
  const { baseUrl, scenario: play } = simulator;
  if (play === null) throw new Error('There is no play.');
  const rooms = createMemoryNetwork({
    onRoom: (room) => {
      room.publishRemote();
      if (room.request.iceServers === undefined) return room.accept();
      asapScheduler.schedule(() => room.signal({ type: 'offer', sdp: 'v=0' }));
      room.signals$.subscribe(({ type }) => type === 'answer' && asapScheduler.schedule(() => room.accept()));
    },
  });
  const { media, directMedia } = rooms;
  const platform = createMemoryPlatform({
    network: { media, directMedia, signaling: createWebSocketTransport({ scheduler: asyncScheduler }) },
  });
  const log = await lastValueFrom(use(platform, { baseUrl, scheduler: asyncScheduler }, more, user));
  await simulator.close();
  return { log, play };
}

describe.each([
  ['in memory', inMemory],
  ['over sockets', overSockets],
])('%s', (_where, run) => {
  for (const [name, { script, options: more, user, log: expected }] of Object.entries(transportPlays)) {
    test.each(waysIn)(`${name}, %s`, async (way) => {
      const { log, play } = await run(script(way), { ...more, ...wayOptions(way) }, user);
      expect(log).toEqual(expected);
      await play.finished();
      play.assertComplete();
    });
  }

  test('what is not expected ends the session, and the report shows how it came to that', async () => {
    const script = scenario().expectJoin().roomInfo().expectPrompt('a forest').ack();
    const { log, play } = await run(script, {}, (session) => outcome(session.setPrompt$('a desert')));
    expect(log).toEqual([expect.stringMatching(/the scenario failed: the client sent prompt "a desert"/)]);
    await expect(play.finished()).rejects.toThrow();
    const report = reportOf(play);
    // In memory the client is in its room before it sends anything else.
    const lines = report.split('\n').filter((line) => !line.includes('media arrives'));
    expect(lines.join('\n').replace(/ +\d+ ms/g, '       N ms')).toBe(
      [
        'The scenario failed at step 3 of 4, expectPrompt "a forest": the client sent prompt "a desert".',
        'Steps:',
        '  ✓ 1. expectJoin',
        '  ✓ 2. roomInfo',
        '  ✗ 3. expectPrompt "a forest"',
        '    4. ack',
        'What happened (> from the client, < from the service):',
        '       N ms  #1 connects, model=lucy-2.1',
        '       N ms  #1 > livekit_join passthrough=true',
        '       N ms  #1 < livekit_room_info',
        '       N ms  #1 > prompt "a desert"',
        '       N ms  #1 closed by the service with 1008',
      ].join('\n'),
    );
    expect(report).not.toContain('secret-key');
  });

  test('what is left over on either side fails the script', async () => {
    const short = await run(scenario().expectJoin().roomInfo(), {}, (session) => outcome(session.setPrompt$('more')));
    expect(reportOf(short.play)).toContain('failed after its last step: the client sent prompt "more".');
    const long = await run(scenario().expectJoin().roomInfo().expectPrompt(), {}, () => EMPTY);
    expect(reportOf(long.play)).toMatch(/^The scenario (failed|is not complete) at step 3 of 3, expectPrompt/);
  });
});

function reportOf({ assertComplete }: ScenarioPlay): string {
  try {
    assertComplete();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'complete';
}

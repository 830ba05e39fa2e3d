import { describe, expect, test } from '@jest/globals';
import { VirtualTimeScheduler } from 'rxjs';
import type { SocketEvent } from '../../core/ports/signaling.js';
import { type Scenario, scenario } from './builder.js';
import { scenarioNetwork } from './memory-stage.js';
import { decodeScenario, parseScenario } from './parse.js';

const whole = scenario()
  .queue(2, 5)
  .expectConnect({ model: 'lucy-2.1' })
  .expectJoin({ passthrough: true })
  .roomInfo()
  .expectMedia()
  .expectMessage({ type: 'prompt', prompt: 'a' })
  .holdSockets()
  .acceptSocket()
  .media('joined')
  .expectPrompt('a', { enhance: false })
  .expectImage({ image: 'none', prompt: null })
  .ack({ of: 'newest' })
  .ack({ error: 'no' })
  .generationStarted()
  .generationTick(3)
  .generationEnded('over')
  .error('out of luck')
  .send({ type: 'status', status: 'fine' })
  .sendText()
  .sendBinary([1, 2])
  .after(10)
  .fault({ kind: 'network-preset', name: '4g-train' })
  .dropSocket(1006, 'gone', { ifOpen: true })
  .refuseConnects(2, 502)
  .refuseJoins(2)
  .silentJoins()
  .expectClose(1000)
  .serve();

const circle: { again?: unknown } = {};
circle.again = circle;

describe('a script as data', () => {
  test('comes back from JSON as it was', () => {
    const text = JSON.stringify(whole, null, 2);
    expect(parseScenario(text).steps).toEqual(whole.steps);
    expect(parseScenario(JSON.stringify(whole.steps)).steps).toEqual(whole.steps);
    expect(decodeScenario(whole).steps).toEqual(whole.steps);
  });

  test('each method leaves the script that it extends alone', () => {
    const base = scenario().expectJoin();
    expect([base.roomInfo().steps.length, base.refuseJoins().steps.length, base.steps.length]).toEqual([2, 2, 1]);
  });

  test.each([
    ['delayMs', () => scenario().after(-1)],
    ['code', () => scenario().dropSocket(7)],
    ['times', () => scenario().refuseJoins(0)],
    ['status', () => scenario().refuseConnects(1, 200)],
    ['message', () => scenario().send({ count: 1n })],
    ['message', () => scenario().expectMessage(circle)],
    ['fault.kind', () => scenario().fault({ kind: 'drop-socket' } as never)],
    ['fault.lagMs', () => scenario().fault({ kind: 'inference-lag', lagMs: -5 })],
  ])('a wrong %s is refused by name', (field, build) => {
    expect(build).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', data: { field } }));
  });

  test.each([
    ['', /^Scenario, line 1, column 1: not JSON \(.+\)\.$/],
    ['{\n  "steps": [\n    { "step": "expectJoin" }\n', /^Scenario, line 4, column 1: not JSON \(.+\)\.$/],
    [
      '{ "steps": [\n  { "step": "expectJoin" }\n  { "step": "roomInfo" }\n] }',
      /^Scenario, line 3, column 3: not JSON \(.+\)\.$/,
    ],
    ['{ "steps": [1.2.3] }', /^Scenario, line 1, column 16: not JSON \(.+\)\.$/],
    [`[\n${'['.repeat(100_000)}${']'.repeat(100_000)}]`, 'Scenario, line 2, column 100: more than 100 levels.'],
    ['[] x', /^Scenario, line 1, column 4: not JSON \(.+\)\.$/],
    ['{}', 'Scenario: expected { "steps": […] } or a list of steps.'],
    ['[\n  4]', 'Scenario, line 2, column 3, step 1: expected an object with a "step".'],
    [
      '[\n {"step": "ack"},\n\n {"step": "dance"}]',
      /^Scenario, line 4, column 2, step 2: there is no step "dance"; there are queue, /,
    ],
    ['[{"step": "queue",\n "places": "3"}]', 'Scenario, line 1, column 2, step 1 (queue): wrong or missing places.'],
    ['[{"step": "after", "delay": 3}]', 'Scenario, line 1, column 2, step 1 (after): there is no field delay.'],
    [
      '{"title": "steps", "notes": [1],\n "steps": [{"step": "ack"},\n  {"step": "after"}]}',
      'Scenario, line 3, column 3, step 2 (after): wrong or missing delayMs.',
    ],
    ['[{"step": "serve"}, {"step": "ack"}]', 'Scenario, step 1 (serve): must be the last one.'],
    [
      '[\n{"step": "fault", "fault": {"kind": "network-preset", "name": "5g"}}]',
      'Scenario, line 2, column 1, step 1 (fault): wrong or missing fault.name.',
    ],
  ])('a mistake in a file is reported with its place, case %#', (text, message) => {
    expect(() => parseScenario(text)).toThrow(message);
  });
});

/** Plays a script against bare sockets. */
function stage(script: Scenario) {
  const scheduler = new VirtualTimeScheduler();
  const service = scenarioNetwork(script, { scheduler });
  const open = (): { say(frame: object | string): void; heard: string[]; close(): void } => {
    const socket = service.network.signaling.open({ url: 'memory://service/v1/stream?api_key=secret&model=lucy-2.1' });
    const heard: string[] = [];
    socket.events$.subscribe((event) => heard.push(textOf(event, scheduler.now())));
    return {
      heard,
      close: () => {
        socket.close(1000);
        pass(0);
      },
      say: (frame) => {
        socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
        pass(0);
      },
    };
  };
  const pass = (ms: number): void => {
    scheduler.maxFrames = scheduler.now() + ms;
    scheduler.flush();
  };
  return { service, open, pass };
}

function textOf(event: SocketEvent, atMs: number): string {
  if (event.type === 'closed') return `${atMs} closed ${event.httpStatus ?? event.code}`;
  if (event.type !== 'message') return `${atMs} ${event.type}`;
  if (typeof event.data !== 'string') return `${atMs} bytes ${event.data.join(' ')}`;
  return `${atMs} ${event.data.replace(/"(livekit_url|token|room_name|session_id)":"[^"]*",?/g, '')}`;
}

const join = { type: 'livekit_join', passthrough: true };
const prompt = (text: string) => ({ type: 'prompt', prompt: text, enhance_prompt: true });

describe('a script at work', () => {
  test('waits, counts the queue down, and sends what it says', () => {
    const script = scenario()
      .queue(2, 100)
      .expectJoin()
      .roomInfo()
      .after(50)
      .send({ type: 'new' })
      .sendText('?')
      .sendBinary([7]);
    const { service, open, pass } = stage(script);
    const { heard, say } = open();
    say(join);
    pass(1_000);
    expect(heard).toEqual([
      '0 opened',
      '0 {"type":"queue_position","position":2,"queue_size":2}',
      '100 {"type":"queue_position","position":1,"queue_size":2}',
      expect.stringMatching(/^200 {"type":"livekit_room_info"/),
      '250 {"type":"new"}',
      '250 ?',
      '250 bytes 7',
    ]);
    service.assertComplete();
  });

  test('holds sockets back until it opens or refuses them', () => {
    const { service, open, pass } = stage(
      scenario().queue(0).holdSockets().after(50).refuseConnects(1, 429).acceptSocket().expectJoin().acceptSocket(),
    );
    const first = open();
    pass(50);
    expect(first.heard).toEqual([expect.stringMatching(/^50 closed/)]);
    const second = open();
    const third = open();
    pass(0);
    expect([second.heard, third.heard]).toEqual([['50 opened'], []]);
    second.say(join);
    expect(third.heard).toEqual(['50 opened']);
    service.assertComplete();
  });

  test('expects a message as a whole, and what is bundled in it', () => {
    const image = { type: 'set_image', image_data: 'AAEC', prompt: 'p', enhance_prompt: false };
    const whole = { type: 'livekit_join', initial_state: image };
    const { service, open } = stage(scenario().expectMessage(whole).ack());
    const { heard, say } = open();
    say(whole);
    expect(heard).toContain('0 {"type":"set_image_ack","success":true,"error":null}');
    service.assertComplete();

    const other = stage(scenario().expectMessage(whole));
    other.open().say({ ...whole, initial_state: { ...image, enhance_prompt: true } });
    expect(() => other.service.assertComplete()).toThrow('failed at step 1 of 1, expectMessage');
  });

  test('acknowledges in any order', () => {
    const { service, open } = stage(
      scenario()
        .expectJoin()
        .expectPrompt()
        .expectPrompt()
        .expectPrompt()
        .ack({ of: 'newest' })
        .ack()
        .ack({ error: 'no' }),
    );
    const { heard, say } = open();
    say(join);
    for (const text of ['a', 'b', 'c']) say(prompt(text));
    expect(heard.slice(1).map((line) => line.slice(2))).toEqual([
      '{"type":"prompt_ack","prompt":"c","success":true,"error":null}',
      '{"type":"prompt_ack","prompt":"a","success":true,"error":null}',
      '{"type":"prompt_ack","prompt":"b","success":false,"error":"no"}',
    ]);
    service.assertComplete();
  });

  test('refuses sockets and joins, leaves joins without an answer, and reads nothing that came with them', () => {
    const { service, open } = stage(
      scenario().refuseConnects(2, 502).refuseJoins(1, 'full').silentJoins().expectClose(1000),
    );
    expect(open().heard).toEqual(['0 closed 502']);
    expect(open().heard).toEqual(['0 closed 502']);
    const full = open();
    full.say(join);
    full.say(prompt('unread'));
    expect(full.heard).toEqual(['0 opened', '0 {"type":"error","error":"full"}', '0 closed 1008']);
    const ignored = open();
    ignored.say(join);
    ignored.say(prompt('unread'));
    expect(ignored.heard).toEqual(['0 opened']);
    ignored.close();
    service.assertComplete();
  });

  test.each<[string, Scenario, object | string]>([
    ['the client sent livekit_join passthrough=true', scenario().expectPrompt('x'), join],
    ['the client sent livekit_join passthrough=true', scenario().expectJoin({ passthrough: false }), join],
    ['the client sent prompt "y"', scenario().expectImage(), prompt('y')],
    [
      'the client sent prompt "y" enhance=false',
      scenario().expectPrompt('y', { enhance: true }),
      { ...prompt('y'), enhance_prompt: false },
    ],
    [
      'the client sent set_image bytes (4 characters) prompt="z"',
      scenario().expectImage({ image: 'none' }),
      { type: 'set_image', image_data: 'AAEC', prompt: 'z' },
    ],
    ['the client sent a frame that is no message (not JSON)', scenario().expectJoin(), '{'],
    ['the client sent a message of the unknown type "dance"', scenario().expectJoin(), { type: 'dance' }],
    ['the client connected with another model', scenario().expectConnect({ model: 'lucy-2.5' }), join],
    ['there is no request to acknowledge', scenario().expectJoin().ack(), join],
    ['the client sent livekit_join passthrough=true', scenario().expectClose(), join],
  ])('%s: the script fails, and clients get an error', (why, script, frame) => {
    const { service, open } = stage(script);
    const { heard, say } = open();
    say(frame);
    expect(() => service.assertComplete()).toThrow(`: ${why}.`);
    expect(heard.at(-1)).toBe('0 closed 1008');
    const late = open();
    expect(late.heard).toEqual([
      '0 opened',
      expect.stringContaining(JSON.stringify(`Invalid session: the scenario failed: ${why}`)),
      '0 closed 1008',
    ]);
  });

  test('a client that goes away too early fails it, later on it does not', () => {
    const early = stage(scenario().expectJoin().expectPrompt());
    const client = early.open();
    client.say(join);
    client.close();
    expect(() => early.service.assertComplete()).toThrow(
      'step 2 of 2, expectPrompt: the client closed the socket with 1000',
    );
    const late = stage(scenario().expectJoin());
    const other = late.open();
    other.say(join);
    other.close();
    late.service.assertComplete();
  });

  test('reports what it waits for, and shows no key', () => {
    const { service, open } = stage(whole);
    open();
    expect(() => service.assertComplete()).toThrow(
      /is not complete at step 3 of 28, expectJoin passthrough=true: it is still waiting/,
    );
    expect(() => service.assertComplete()).not.toThrow('secret');
    expect(service.transcript).toEqual(['     0 ms  #1 connects, model=lucy-2.1']);
  });
});

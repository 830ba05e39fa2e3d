import { imageAck, playSession, promptAck, roomInfo, type SessionStage } from '../../testkit/session-stage.js';
import type { SessionState } from '../session/machine/state.js';
import { recordSession, type SessionRecording } from './record.js';
import { createRedactor } from './redact.js';
import { replaySession } from './replay.js';

const IMAGE = 'c2VjcmV0IGltYWdl';

/** A session with everything that must not be recorded, and a loss. */
function playAll({ at, connect, network, say, goLive, realtime, watch }: SessionStage): void {
  at(0, () =>
    connect({
      initialPrompt: { text: 'secret prompt' },
      queryParams: { ticket: 'secret ticket' },
      initialImage: IMAGE,
    }),
  );
  at(1, () => network.sockets[0]?.accept());
  at(2, () =>
    say(0, {
      ...roomInfo,
      token: 'secret token',
      livekit_url: 'ws://u:secret@h/secret-room?access_token=secret',
      room_name: 'secret-room',
      session_id: 'session of secret-room',
    } as never),
  );
  at(3, () => {
    network.rooms[0]?.publishRemote();
    network.rooms[0]?.accept();
  });
  at(4, () => say(0, imageAck()));
  at(5, () => {
    watch('a', realtime.setPrompt$('secret a'));
    watch('a again', realtime.setPrompt$('secret a'));
    watch('b', realtime.setPrompt$('secret b'));
    watch('image', realtime.setImage$(IMAGE, { prompt: 'secret b' }));
  });
  at(6, () => say(0, promptAck('secret b')));
  at(7, () => say(0, promptAck('secret a', 'we do not like "secret a"')));
  at(8, () => say(0, { type: 'status', status: 'working on secret b' }));
  at(9, () => network.sockets[0]?.closeByServer(1011, 'secret b was too much, and so was secret token in secret-room'));
  at(10, () => goLive());
  at(5000, () => void realtime.disconnect());
}

function record(options?: Parameters<typeof recordSession>[1], startMs = 0) {
  const states: SessionState[] = [];
  let recording: SessionRecording | null = null;
  playSession((stage) => {
    const start = () => {
      recording = recordSession(stage.realtime, options);
      stage.realtime.state$.subscribe((state) => states.push(state));
    };
    if (startMs === 0) start();
    else stage.at(startMs, start);
    playAll(stage);
  });
  return { states, log: String(recording) };
}

const withoutRepeats = (states: readonly SessionState[]): SessionState[] =>
  states.filter((state, n) => state !== states[n - 1]);

describe('a recording', () => {
  it('holds no secret', () => {
    const { log } = record();
    expect(log).not.toContain('secret');
    expect(log).not.toContain(IMAGE);
    expect(log).toContain('<prompt 1>');
    expect(log).toContain('<token 1>');
    expect(log).toContain('session of <room 1>');
    expect(log).toContain('<image 1>');
    expect(log).toContain('we do not like \\"<prompt 2>\\"');
  });

  it('keeps prompts when they are allowed, and nothing else', () => {
    const { log } = record({ prompts: true });
    expect(log).toContain('secret prompt');
    for (const other of ['secret token', 'secret-room', 'secret ticket', 'u:secret', 'access_token=secret', IMAGE])
      expect(log).not.toContain(other);
  });

  it.each([
    ['redacted', {}, 0],
    ['with prompts', { prompts: true }, 0],
    ['from the middle on', {}, 6],
    ['of the last 7 events', { limit: 7 }, 0],
    ['of the last event', { limit: 1 }, 0],
  ])('replays to the same states: %s', (_name, options, startMs) => {
    const { log, states } = record(options, startMs);
    const { initial, steps, divergedAt } = replaySession(log);
    expect(divergedAt).toBeNull();
    if ('limit' in options) expect(steps).toHaveLength(options.limit as number);
    const replayed = withoutRepeats([initial, ...steps.map(({ state }) => state)]);
    const { redact } = createRedactor({ prompts: 'prompts' in options, limit: 100 });
    // The recording's own numbers count from its beginning: it is compared in the order it was made.
    const expected = states.map((state) => redact(state)).slice(-replayed.length);
    expect(replayed.map(unnumbered)).toEqual(expected.map(unnumbered));
  });

  it('reports where a replay differs', () => {
    const { log } = record();
    const lines = log.trimEnd().split('\n');
    lines[3] = JSON.stringify({ ...JSON.parse(lines[3] ?? ''), effects: [] });
    expect(replaySession(lines.join('\n')).divergedAt).toBe(2);
  });

  it('stops when asked to', () => {
    playSession((stage) => {
      const recording = recordSession(stage.realtime);
      playAll(stage);
      stage.at(3, () => {
        const { length } = recording;
        recording.stop();
        stage.at(4000, () => expect(recording.length).toBe(length));
      });
    });
  });

  it.each(['', 'x', '{}', '{"version":2,"state":{"status":"x"}}', '{"version":1,"state":{"status":"x"}}\n{"event":5}'])(
    '%p is none',
    (log) => {
      expect(() => replaySession(log)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
    },
  );
});

/** Placeholders without their numbers, which depend on where a recording begins. */
const unnumbered = (state: SessionState): unknown =>
  JSON.parse(JSON.stringify(state).replace(/<(prompt|image|token|room) \d+>/g, '<$1>'));

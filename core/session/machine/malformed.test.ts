import { playSession } from '../../../testkit/session-stage.js';

const frames: readonly (readonly [string, string | Uint8Array])[] = [
  ['bad JSON', '{"type":'],
  ['nothing', ''],
  ['a binary frame', new Uint8Array([1, 2, 3])],
  ['a bare number', '5'],
  ['null', 'null'],
  ['an array', '[{"type":"ready"}]'],
  ['no type', '{"error":"x"}'],
  ['a type that is no text', '{"type":7}'],
  ['a type from the prototype', '{"__proto__":{"type":"error"},"error":"x"}'],
  ['an error without its text', '{"type":"error"}'],
  ['a tick without seconds', '{"type":"generation_tick"}'],
  ['a tick with null seconds', '{"type":"generation_tick","seconds":null}'],
  ['a tick of endless seconds', '{"type":"generation_tick","seconds":1e999}'],
  ['a position that is no number', '{"type":"queue_position","position":"NaN","queue_size":1}'],
  ['an endless position', '{"type":"queue_position","position":1e999,"queue_size":1}'],
  ['NaN, which is no JSON', '{"type":"queue_position","position":NaN,"queue_size":1}'],
  ['an ack of nothing', '{"type":"prompt_ack","success":true}'],
  ['an ack with a wrong success', '{"type":"set_image_ack","success":"yes","error":null}'],
  ['room info without a token', '{"type":"livekit_room_info","livekit_url":"ws://x","room_name":"r","session_id":"s"}'],
  ['20 MB of text', `{"type":"status","status":"${'x'.repeat(20_000_000)}"}`],
  ['deep nesting', '['.repeat(400_000) + ']'.repeat(400_000)],
  ['deep nesting that never ends', '{"type":'.repeat(100_000)],
];

describe.each(['connecting', 'live'] as const)('malformed frames while %s', (when) => {
  it.each(frames)('%s: a diagnostic and an error, nothing else', (_name, frame) => {
    playSession(({ at, connect, network, goLive, realtime, watch, log }) => {
      const states: unknown[] = [];
      at(0, () => connect());
      at(1, () => (when === 'live' ? goLive() : network.sockets[0]?.accept()));
      at(2, () => {
        watch('diagnostic', realtime.diagnostics$, ({ name }: { name: string }) => name);
        realtime.state$.subscribe((state) => states.push(state));
      });
      at(3, () => network.sockets[0]?.deliver(frame));
      at(4, () => {
        expect(log.filter((line) => line.startsWith('3 '))).toEqual([
          '3 diagnostic messageMalformed',
          '3 error WEBRTC_SIGNALING_ERROR',
        ]);
        expect(states).toHaveLength(2);
        expect(states[1]).toEqual({ ...(states[0] as object), malformedMessages: 1 });
      });
      at(6, () => void realtime.disconnect());
    });
  });
});

describe('frames that are odd and well formed', () => {
  it.each([
    ['an unknown type', '{"type":"hologram","depth":3}', 'messageUnknown'],
    ['a type named like a prototype member', '{"type":"constructor"}', 'messageUnknown'],
    ['__proto__ as a type', '{"type":"__proto__"}', 'messageUnknown'],
    ['a message of the other mode', '{"type":"ready"}', 'messageUnknown'],
    [
      'deep nesting in an extra field',
      `{"type":"status","status":"s","x":${'['.repeat(90_000)}${']'.repeat(90_000)}}`,
      'status',
    ],
    ['__proto__ as an extra field', '{"type":"status","status":"s","__proto__":{"polluted":true}}', 'status'],
  ])('%s is reported and ignored', (_name, frame, diagnostic) => {
    playSession(({ at, connect, network, goLive, realtime, watch, log }) => {
      at(0, () => connect());
      at(1, () => goLive());
      at(2, () => watch('diagnostic', realtime.diagnostics$, ({ name }: { name: string }) => name));
      at(3, () => network.sockets[0]?.deliver(frame));
      at(4, () => expect(log.slice(1)).toEqual([`3 diagnostic ${diagnostic}`]));
      at(5, () => void realtime.disconnect());
    });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('are counted', () => {
    playSession(({ at, connect, network, goLive, realtime }) => {
      const counts: (readonly [string, number])[] = [];
      realtime.diagnostics$.subscribe((event) => 'count' in event && counts.push([event.name, event.count]));
      at(0, () => connect());
      at(1, () => goLive());
      at(2, () => {
        for (const frame of ['{"type":"a"}', 'x', '{"type":"b"}', 'y']) network.sockets[0]?.deliver(frame);
        expect(counts).toEqual([
          ['messageUnknown', 1],
          ['messageMalformed', 1],
          ['messageUnknown', 2],
          ['messageMalformed', 2],
        ]);
        void realtime.disconnect();
      });
    });
  });

  it('the limit on their length is configurable', () => {
    playSession(
      ({ at, connect, network, goLive, realtime, log }) => {
        at(0, () => connect());
        at(1, () => goLive());
        at(2, () => network.sockets[0]?.deliver(`{"type":"status","status":"${'x'.repeat(2000)}"}`));
        at(3, () => {
          expect(log[1]).toBe('2 error WEBRTC_SIGNALING_ERROR');
          void realtime.disconnect();
        });
      },
      { config: { maxFrameLength: 1000 } },
    );
  });
});

import { eventOf } from '../session/runtime/decode-event.js';
import { decodeClientMessage, decodeServerMessage } from './codec.js';
import { encodeClientMessage, encodeServerMessage } from './encode.js';
import type { ServerMessage } from './server-messages.js';

const roomInfo: ServerMessage = {
  type: 'livekit_room_info',
  livekit_url: 'wss://media.test',
  token: 't',
  room_name: 'r',
  session_id: 's',
};

describe('server messages', () => {
  it.each<[ServerMessage, object]>([
    [
      roomInfo,
      { type: 'server.roomInfoReceived', livekitUrl: 'wss://media.test', token: 't', roomName: 'r', sessionId: 's' },
    ],
    [
      { type: 'queue_position', position: 2, queue_size: 5 },
      { type: 'server.queuePositionChanged', position: 2, queueSize: 5 },
    ],
    [
      { type: 'queue_position', queue_position: 2, queue_size: 5 },
      { type: 'server.queuePositionChanged', position: 2, queueSize: 5 },
    ],
    [
      { type: 'prompt_ack', prompt: 'p', success: true, error: null },
      { type: 'server.promptAcked', prompt: 'p', success: true, error: null },
    ],
    [
      { type: 'prompt_ack', prompt: 'p', success: false, error: 'no' },
      { type: 'server.promptAcked', prompt: 'p', success: false, error: 'no' },
    ],
    [
      { type: 'set_image_ack', success: true },
      { type: 'server.imageAcked', success: true, error: null },
    ],
    [{ type: 'generation_started' }, { type: 'server.generationStarted' }],
    [
      { type: 'generation_tick', seconds: 3 },
      { type: 'server.generationTicked', seconds: 3 },
    ],
    [
      { type: 'generation_ended', seconds: 3, reason: 'limit' },
      { type: 'server.generationEnded', seconds: 3, reason: 'limit' },
    ],
    [
      { type: 'error', error: 'bad' },
      { type: 'server.errorReported', error: 'bad' },
    ],
    [
      { type: 'status', status: 'ok' },
      { type: 'server.statusReported', status: 'ok' },
    ],
    [{ type: 'ready' }, { type: 'server.readyReported' }],
    [
      { type: 'offer', sdp: 'v=0' },
      { type: 'server.signalled', signal: { type: 'offer', sdp: 'v=0' } },
    ],
    [
      { type: 'answer', sdp: 'v=0' },
      { type: 'server.signalled', signal: { type: 'answer', sdp: 'v=0' } },
    ],
    [
      { type: 'ice-candidate', candidate: null },
      { type: 'server.signalled', signal: { type: 'candidate', candidate: null } },
    ],
    [
      { type: 'session_id', session_id: 's', server_ip: '10.0.0.1', server_port: 1 },
      { type: 'server.sessionIdReceived', sessionId: 's', serverIp: '10.0.0.1', serverPort: 1 },
    ],
  ])('%j', (message, event) => {
    const decoded = decodeServerMessage(encodeServerMessage(message));
    expect(decoded).toEqual({ _tag: 'message', message });
    expect(eventOf(decoded, 7)).toEqual({ ...event, attempt: 7 });
    // Forward compatible: fields that are new change nothing.
    expect(decodeServerMessage({ ...message, is_new: true })._tag).toBe('message');
  });

  it.each([
    ['{', 'not JSON'],
    ['', 'not JSON'],
    ['[]', 'not a JSON object'],
    ['null', 'not a JSON object'],
    [undefined, 'not a JSON object'],
    [Symbol('x'), 'not a JSON object'],
    [new Uint8Array(3), 'binary frame'],
    [new ArrayBuffer(3), 'binary frame'],
    ['{}', 'no type'],
    [Object.create({ type: 'error', error: 'inherited' }), 'no type'],
    ['{"type":{}}', 'type is not a string'],
    ['{"type":"error"}', 'error: wrong or missing error'],
    ['{"type":"error","error":{"secret":"x"}}', 'error: wrong or missing error'],
    ['{"type":"queue_position"}', 'queue_position: wrong or missing queue_size, position, queue_position'],
    ['{"type":"generation_tick","seconds":1e999}', 'generation_tick: wrong or missing seconds'],
    [{ type: 'generation_tick', seconds: Number.NaN }, 'generation_tick: wrong or missing seconds'],
  ])('%p is malformed: %s', (frame, reason) => {
    expect(decodeServerMessage(frame)).toEqual({ _tag: 'malformed', reason });
  });

  it('of unknown types are reported by name, shortened', () => {
    expect(decodeServerMessage('{"type":"toString"}')).toEqual({ _tag: 'unknown', type: 'toString' });
    expect(decodeServerMessage({ type: 'x'.repeat(1000) })).toEqual({ _tag: 'unknown', type: 'x'.repeat(64) });
  });

  it('are not parsed beyond the limit, which counts text only', () => {
    const frame = '{"type":"ready"}';
    expect(decodeServerMessage(frame, frame.length)._tag).toBe('message');
    expect(decodeServerMessage(frame, frame.length - 1)).toEqual({
      _tag: 'malformed',
      reason: 'frame of 16 characters, limit 15',
    });
    expect(decodeServerMessage({ type: 'ready' }, 1)._tag).toBe('message');
  });

  it('that throw when looked at are malformed', () => {
    const hostile = {
      get type(): string {
        throw new Error('gotcha');
      },
    };
    expect(decodeServerMessage(hostile)).toEqual({ _tag: 'malformed', reason: 'unreadable object' });
  });

  it('cannot reach the prototype', () => {
    decodeServerMessage(
      '{"type":"status","status":"s","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    );
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('client messages', () => {
  const prompt = { type: 'prompt', prompt: 'p', enhance_prompt: true } as const;

  it.each([
    { type: 'livekit_join', passthrough: true } as const,
    { type: 'livekit_join', initial_state: null } as const,
    { type: 'livekit_join', passthrough: true, client_capabilities: { frame_timing: true } } as const,
    { type: 'livekit_join', initial_state: prompt } as const,
    prompt,
    { type: 'set_image', image_data: null } as const,
    { type: 'set_image', image_data: 'AAAA', prompt: null, enhance_prompt: false } as const,
    { type: 'set_image', image_ref: 'file_1', prompt: 'p' } as const,
  ])('%j', (message) => {
    expect(decodeClientMessage(encodeClientMessage(message))).toEqual({ _tag: 'message', message });
  });

  it.each([
    '{"type":"set_image"}',
    '{"type":"prompt"}',
    '{"type":"livekit_join","initial_state":{"type":"x"}}',
    '{"type":"ice-candidate"}',
  ])('%s is malformed', (frame) => {
    expect(decodeClientMessage(frame)._tag).toBe('malformed');
  });
});

import { base64ToBytes, bytesToBase64, isBase64 } from './base64.js';
import { decodeSubscribeToken, encodeSubscribeToken } from './subscribe-token.js';

describe('subscribe tokens', () => {
  it.each(['room-1', 'Zimmer ä 🎬', 'with "quotes"'])('%s', (roomName) => {
    const token = encodeSubscribeToken(roomName);
    expect(JSON.parse(Buffer.from(token, 'base64').toString('utf8'))).toEqual({ room_name: roomName });
    expect(decodeSubscribeToken(token)).toEqual({ roomName });
  });

  const encode = (text: string): string => Buffer.from(text).toString('base64');

  it.each([
    '',
    'not base64!',
    encode('not JSON'),
    encode('null'),
    encode('{}'),
    encode('{"room_name":5}'),
    encode('{"room_name":""}'),
    encode('{"sid":"s","port":1}'),
    encode('{"ip":"i","port":1}'),
    encode('{"sid":"s","ip":"i"}'),
    Buffer.from([0xff, 0xfe, 0xfd]).toString('base64'),
  ])('%p is none', (token) => {
    expect(() => decodeSubscribeToken(token)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  });
});

describe('base64', () => {
  it.each([0, 1, 2, 3, 0x8000, 0x8001, 100_000])('%d bytes there and back', (length) => {
    const bytes = Uint8Array.from({ length }, (_, n) => (n * 7) % 256);
    const text = bytesToBase64(bytes);
    expect(text).toBe(Buffer.from(bytes).toString('base64'));
    const back = base64ToBytes(text);
    if (length === 0) expect(back).toBeNull();
    else expect(Buffer.compare(back ?? new Uint8Array(), bytes)).toBe(0);
  });

  it.each([
    ['AAAA', true],
    ['AA==', true],
    ['AAA=', true],
    ['A+/9', true],
    ['', false],
    ['AAA', false],
    ['A===', false],
    ['AA-_', false],
    ['AAAA\n', false],
    ['AA=A', false],
  ])('%p: %s', (text, expected) => {
    expect(isBase64(text)).toBe(expected);
  });
});

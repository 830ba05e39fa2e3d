import { afterEach, describe, expect, test } from '@jest/globals';
import { NEVER } from 'rxjs';
import { asyncDispose } from '../../../core/ports/streams.js';
import { fallbacksOf, sendableCodec } from './fallbacks.js';
import type { PublishableStream } from './local-stream.js';

const codecs = (...names: string[]): void => {
  const getCapabilities = () => ({ codecs: names.map((name) => ({ mimeType: `video/${name}` })) });
  Object.assign(globalThis, { RTCRtpSender: { getCapabilities } });
};
const streamWith = (framePath: PublishableStream['framePath'] & string): PublishableStream => {
  const dispose = async (): Promise<void> => undefined;
  return {
    id: 'stream-local',
    videoTrack: null,
    audioTrack: null,
    mediaStream: {} as MediaStream,
    videoTrack$: NEVER,
    framePath,
    dispose,
    [asyncDispose]: dispose,
  };
};

afterEach(() => {
  Reflect.deleteProperty(globalThis, 'RTCRtpSender');
});

describe('a browser without the preferred codec', () => {
  test('sends VP8, and says so', () => {
    codecs('VP8', 'rtx', 'VP9', 'AV1');
    expect(sendableCodec('h264')).toBe('vp8');
    expect(fallbacksOf(null, 'h264')).toEqual([{ type: 'transportState', kind: 'codecFallback', value: 'vp8' }]);
  });

  test('sends the preferred one where it is there, and where no browser says what there is', () => {
    codecs('VP8', 'H264');
    expect(sendableCodec('h264')).toBe('h264');
    expect(fallbacksOf(null, 'h264')).toEqual([]);
    Object.assign(globalThis, { RTCRtpSender: {} });
    expect(sendableCodec('av1')).toBe('av1');
  });
});

test.each([
  ['canvas', [{ type: 'transportState', kind: 'frameFallback', value: 'canvas' }]],
  ['page', [{ type: 'transportState', kind: 'frameFallback', value: 'page' }]],
  ['worker', []],
] as const)('frames that are changed on the %s', (framePath, events) => {
  expect(fallbacksOf(streamWith(framePath), 'vp8')).toEqual(events);
});

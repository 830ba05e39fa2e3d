import { afterEach, expect, test } from '@jest/globals';
import { createVoice } from './voice.js';

/** As in a page that the user has not touched: it stays suspended. */
class SuspendedContext {
  readonly state = 'suspended';
  readonly resume = () => new Promise<void>(() => undefined);
  readonly close = () => Promise.resolve();
  readonly decodeAudioData = () => Promise.resolve({});
  readonly createBufferSource = () => {
    throw new Error('Nothing is to be played.');
  };
  createMediaStreamDestination() {
    return { stream: { getAudioTracks: () => [{ stop: () => undefined }] } };
  }
  createGain() {
    return { gain: { value: 1 }, connect: () => undefined };
  }
  createConstantSource() {
    return { connect: (node: unknown) => node, start: () => undefined };
  }
}

afterEach(() => {
  Reflect.deleteProperty(globalThis, 'AudioContext');
});

const voiceOfUntouchedPage = () => {
  Object.assign(globalThis, { AudioContext: SuspendedContext });
  return createVoice();
};

test.each(['aborted', 'replaced', 'closed'] as const)(
  'a sound that may not play yet ends when it is %s',
  async (how) => {
    const voice = voiceOfUntouchedPage();
    const stop = new AbortController();
    const playing = voice.play(new ArrayBuffer(1), stop.signal);
    if (how === 'aborted') stop.abort();
    if (how === 'replaced') void voice.play(new ArrayBuffer(1), stop.signal);
    if (how === 'closed') voice.close();
    await expect(playing).resolves.toBeUndefined();
    voice.close();
  },
);

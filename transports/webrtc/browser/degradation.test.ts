import { expect, test } from '@jest/globals';
import { defaultPublishOptions } from '../../../core/session/machine/connect-plan.js';
import { setDegradation } from './degradation.js';

/** A sender that notes what is set on it. */
function createSender(setParameters: () => Promise<void> = async () => undefined) {
  const set: unknown[] = [];
  const sender = {
    getParameters: () => ({ transactionId: '1', encodings: [{ maxBitrate: 1_000_000 }] }),
    setParameters(parameters: unknown) {
      set.push(parameters);
      return setParameters();
    },
  };
  return { sender: sender as unknown as RTCRtpSender, set };
}

test('by default nothing is set: the browser decides what it gives up', () => {
  const { sender, set } = createSender();
  setDegradation(sender, defaultPublishOptions);
  expect(set).toEqual([]);
});

test.each(['maintain-framerate', 'maintain-resolution'] as const)(
  '%s is set beside what the sender has',
  (degradationPreference) => {
    const { sender, set } = createSender();
    setDegradation(sender, { ...defaultPublishOptions, degradationPreference });
    expect(set).toEqual([{ transactionId: '1', encodings: [{ maxBitrate: 1_000_000 }], degradationPreference }]);
  },
);

test('a browser that refuses it sends the video all the same', async () => {
  const { sender, set } = createSender(() => Promise.reject(new Error('refused')));
  setDegradation(sender, { ...defaultPublishOptions, degradationPreference: 'maintain-framerate' });
  // A rejection that nobody handles would fail this test.
  await new Promise((resolve) => setImmediate(resolve));
  expect(set).toHaveLength(1);
});

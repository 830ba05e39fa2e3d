import { expect, test } from '@jest/globals';
import { requestKeyFrame } from './key-frame.js';

function fakeSender(kind: string | null, outcome: () => Promise<void> = async () => undefined) {
  const asked: unknown[] = [];
  const sender = {
    track: kind === null ? null : { kind },
    getParameters: () => ({ transactionId: '1', encodings: [{ rid: 'q' }, { rid: 'f' }] }),
    setParameters: (_parameters: unknown, options: unknown) => {
      asked.push(options);
      return outcome();
    },
  } as unknown as RTCRtpSender;
  return { sender, asked };
}

test('every layer of the video is asked for a key frame, audio for nothing', () => {
  const [video, audio, empty] = [fakeSender('video'), fakeSender('audio'), fakeSender(null)];
  requestKeyFrame([video, audio, empty].map(({ sender }) => sender));
  expect(video.asked).toEqual([{ encodingOptions: [{ keyFrame: true }, { keyFrame: true }] }]);
  expect([audio.asked, empty.asked]).toEqual([[], []]);
});

test('a refusal is of no consequence', async () => {
  const { sender, asked } = fakeSender('video', () => Promise.reject(new Error('InvalidModificationError')));
  requestKeyFrame([sender]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toHaveLength(1);
});

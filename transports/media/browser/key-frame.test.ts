import { expect, test } from '@jest/globals';
import { requestKeyFrame } from './key-frame.js';

interface Sent {
  /** By layer. */
  readonly framesEncoded?: readonly (number | undefined)[];
  readonly outcome?: () => Promise<void>;
}

function fakeSender(kind: string | null, { framesEncoded = [0, 3], outcome = async () => undefined }: Sent = {}) {
  const asked: unknown[] = [];
  const layers = framesEncoded.map((count, index) => [
    `O${index}`,
    { type: 'outbound-rtp', ...(count !== undefined && { framesEncoded: count }) },
  ]);
  const sender = {
    track: kind === null ? null : { kind },
    getStats: async () => new Map([['T', { type: 'transport', framesEncoded: 9 }], ...layers] as [string, object][]),
    getParameters: () => ({ transactionId: '1', encodings: [{ rid: 'q' }, { rid: 'f' }] }),
    setParameters: (_parameters: unknown, options: unknown) => {
      asked.push(options);
      return outcome();
    },
  } as unknown as RTCRtpSender;
  return { sender, asked };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('every layer of the video is asked for a key frame, audio for nothing', async () => {
  const [video, audio, empty] = [fakeSender('video'), fakeSender('audio'), fakeSender(null)];
  requestKeyFrame([video, audio, empty].map(({ sender }) => sender));
  await settled();
  expect(video.asked).toEqual([{ encodingOptions: [{ keyFrame: true }, { keyFrame: true }] }]);
  expect([audio.asked, empty.asked]).toEqual([[], []]);
});

test('before the first frame nothing is asked for', async () => {
  const senders = [[], [0, 0], [undefined]].map((framesEncoded) => fakeSender('video', { framesEncoded }));
  requestKeyFrame(senders.map(({ sender }) => sender));
  await settled();
  expect(senders.map(({ asked }) => asked)).toEqual([[], [], []]);
});

test('a refusal is of no consequence', async () => {
  const outcome = () => Promise.reject(new Error('InvalidModificationError'));
  const { sender, asked } = fakeSender('video', { outcome });
  requestKeyFrame([sender]);
  await settled();
  expect(asked).toHaveLength(1);
});

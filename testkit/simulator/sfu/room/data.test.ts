import { expect, test } from '@jest/globals';
import { DataPacket, UserPacket } from '@livekit/protocol';
import { forwardData } from './data.js';
import type { Participant } from './participant.js';

const participant = (identity: string, canPublishData: boolean, received: string[] = []): Participant =>
  ({
    identity,
    sid: `PA_${identity}`,
    grant: { canPublish: true, canPublishData },
    lastDataSequence: 0,
    sendData: (_label: string, message: Buffer) => {
      received.push(DataPacket.fromBinary(message).participantIdentity);
    },
  }) as unknown as Participant;

test.each([
  [true, ['alice']],
  [false, []],
])('data goes to the others where the token allows it: %s', (canPublishData, expected) => {
  const received: string[] = [];
  const alice = participant('alice', canPublishData);
  const packet = new DataPacket({ value: { case: 'user', value: new UserPacket({ payload: Buffer.from('hello') }) } });
  forwardData(alice, '_reliable', Buffer.from(packet.toBinary()), [alice, participant('bob', true, received)]);
  expect(received).toEqual(expected);
});

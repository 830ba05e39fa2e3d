import { expect, test } from '@jest/globals';
import { RequestResponse_Reason, type SignalResponse, UpdateParticipantMetadata } from '@livekit/protocol';
import { handleRequest } from '../signal/requests.js';
import type { Participant } from './participant.js';
import type { Room } from './room.js';

test.each([
  [true, { metadata: 'wears a hat', announced: 1, reason: RequestResponse_Reason.OK }],
  [false, { metadata: '', announced: 0, reason: RequestResponse_Reason.NOT_ALLOWED }],
])('own metadata are changed where the token allows it: %s', (canUpdateOwnMetadata, expected) => {
  const sent: SignalResponse['message'][] = [];
  const alice = {
    grant: { canUpdateOwnMetadata },
    metadata: '',
    attributes: {},
    send: (message: SignalResponse['message']) => sent.push(message),
  } as unknown as Participant;
  let announced = 0;
  const room = {
    announce: () => {
      announced += 1;
    },
  } as unknown as Room;
  handleRequest(
    { case: 'updateMetadata', value: new UpdateParticipantMetadata({ requestId: 7, metadata: 'wears a hat' }) },
    alice,
    room,
  );
  const [response] = sent;
  expect(response).toMatchObject({ case: 'requestResponse', value: { requestId: 7 } });
  const reason = response?.case === 'requestResponse' ? response.value.reason : null;
  expect({ metadata: alice.metadata, announced, reason }).toEqual(expected);
});

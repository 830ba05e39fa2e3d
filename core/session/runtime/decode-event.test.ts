import { decodeServerMessage } from '../../protocol/codec.js';
import { eventOf } from './decode-event.js';

test.each([
  [{ type: 'generation_started' }, { type: 'server.generationStarted' }],
  [
    { type: 'generation_ended', seconds: 3, reason: 'timeout', token: 'not of the protocol' },
    { type: 'server.generationEnded', seconds: 3, reason: 'timeout' },
  ],
  [
    { type: 'queue_position', queue_position: 2, queue_size: 3 },
    { type: 'server.queuePositionChanged', position: 2, queueSize: 3 },
  ],
  [
    { type: 'set_image_ack', success: true },
    { type: 'server.imageAcked', success: true, error: null },
  ],
  [
    { type: 'hologram', depth: 3 },
    { type: 'server.messageUnknown', messageType: 'hologram' },
  ],
])('%j is an event with the fields of the protocol, and with no others', (message, event) => {
  expect(eventOf(decodeServerMessage(message), 7)).toEqual({ ...event, attempt: 7 });
});

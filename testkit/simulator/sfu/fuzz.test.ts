import { expect, test } from '@jest/globals';
import { DataPacket, JoinRequest, SignalRequest, WrappedJoinRequest } from '@livekit/protocol';

import { bindingRequest, plainOffer } from './e2e/raw-client.js';
import { seededRandom } from './faults/random.js';
import { parseUrl } from './http.js';
import { parseBindingRequest } from './ice/stun.js';
import { forwardData } from './room/data.js';
import type { Participant } from './room/participant.js';
import { startsKeyframe } from './rtp/keyframe.js';
import { parseRtcp, writeNack, writeReceiverReport, writeSenderReport } from './rtp/rtcp.js';
import { parseRtp, readRtpExtension, writeRtpHeader } from './rtp/rtp-packet.js';
import { readDescription } from './sdp/session.js';
import { readIntroduction } from './signal/join-request.js';
import { decodeRequest } from './signal/signal-socket.js';

/** Together 100,000 and some. */
const runsPerKind = 14_500;

function mutate(sample: Buffer, random: () => number): Buffer {
  const bytes = Buffer.from(sample);
  for (let i = 0; i < 1 + random() * 8 && bytes.length > 0; i += 1) {
    bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
  }
  const keep = random() < 0.3 ? Math.floor(random() * bytes.length) : bytes.length;
  const rest =
    random() < 0.1 ? Buffer.from(Array.from({ length: 20 }, () => Math.floor(random() * 256))) : Buffer.alloc(0);
  return Buffer.concat([bytes.subarray(0, keep), rest]);
}

const report = {
  ssrc: 1,
  fractionLost: 1,
  packetsLost: 1,
  highestSequence: 1,
  jitter: 1,
  lastSenderReport: 1,
  delaySinceLastSenderReport: 1,
};
const rtpHeader = { marker: true, payloadType: 96, sequenceNumber: 1, timestamp: 2, ssrc: 3 };
const sender = { identity: 'a', sid: 'PA_a', grant: { canPublishData: true }, lastDataSequence: 0 } as Participant;
const joinRequest = new WrappedJoinRequest({ joinRequest: new JoinRequest({ participantSid: 'PA_1' }).toBinary() });

const kinds: [string, Buffer[], (input: Buffer) => void][] = [
  [
    'STUN',
    [bindingRequest('server:client', 'password')],
    (input) => void parseBindingRequest(input)?.verify('password'),
  ],
  [
    'RTP',
    [Buffer.concat([writeRtpHeader(rtpHeader, { id: 4, value: Buffer.from('12') }), Buffer.alloc(30, 0x90)])],
    (input) => {
      const packet = parseRtp(input);
      if (!packet) return;
      readRtpExtension(packet, 4);
      for (const codec of ['VP8', 'VP9', 'H264'] as const) startsKeyframe(codec, packet.payload);
    },
  ],
  [
    'RTCP',
    [
      writeReceiverReport(1, [report, report]),
      writeNack(1, 2, [1, 2, 50]),
      writeSenderReport({ ssrc: 1, wallClockMs: 1, rtpTimestamp: 1, packetCount: 1, octetCount: 1, cname: 'x' }),
    ],
    (input) => void parseRtcp(input),
  ],
  ['SDP', [Buffer.from(plainOffer)], (input) => void readDescription(input.toString('latin1'))],
  [
    'a join request',
    [Buffer.from(joinRequest.toBinary())],
    (input) => {
      const url = parseUrl(`/rtc/v1?access_token=x&join_request=${input.toString('base64url')}`);
      if (url) readIntroduction(url, undefined);
    },
  ],
  [
    'signalling in protobuf and JSON',
    [
      Buffer.from(new SignalRequest({ message: { case: 'ping', value: 5n } }).toBinary()),
      Buffer.from('{"addTrack":{"cid":"camera","type":"VIDEO","layers":[{"width":5}]}}'),
    ],
    (input) => {
      decodeRequest(input, true);
      decodeRequest(input, false);
    },
  ],
  [
    'data packets',
    [Buffer.from(new DataPacket({ value: { case: 'user', value: { payload: Buffer.from('hello') } } }).toBinary())],
    (input) => forwardData(sender, '_reliable', input, []),
  ],
];

test.each(kinds)('nothing that arrives as %s throws', (_name, samples, read) => {
  const random = seededRandom(42);
  const fuzz = () => {
    for (let i = 0; i < runsPerKind; i += 1) {
      const input = mutate(samples[i % samples.length] ?? Buffer.alloc(0), random);
      try {
        read(input);
      } catch (error) {
        throw new Error(`Thrown at ${input.toString('hex')}`, { cause: error });
      }
    }
  };
  expect(fuzz).not.toThrow();
});

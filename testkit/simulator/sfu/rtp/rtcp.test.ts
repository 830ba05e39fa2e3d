import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { parseRtcp, writeNack, writePictureLoss, writeReceiverReport, writeSenderReport } from './rtcp.js';

test('reads back a receiver report', () => {
  const report = {
    ssrc: 7,
    fractionLost: 128,
    packetsLost: -3,
    highestSequence: 0x10005,
    jitter: 90,
    lastSenderReport: 0x89abcdef,
    delaySinceLastSenderReport: 65_536,
  };
  expect(parseRtcp(writeReceiverReport(1, [report, { ...report, ssrc: 8 }]))).toEqual([
    { kind: 'receiverReport', ssrc: 1, reports: [report, { ...report, ssrc: 8 }] },
  ]);
});

test('a sender report carries NTP time, and a description of whole words', () => {
  for (const cname of ['', 'a', 'ab', 'abc', 'abcd', 'PA_0123456789']) {
    const compound = writeSenderReport({
      ssrc: 9,
      wallClockMs: 1_500,
      rtpTimestamp: 4_294_967_295,
      packetCount: 2,
      octetCount: 3,
      cname,
    });
    expect(compound.length % 4).toBe(0);
    expect(compound.readUInt32BE(8)).toBe(2_208_988_801);
    expect(compound.readUInt32BE(12)).toBe(0x8000_0000);
    expect(compound.subarray(38, 38 + cname.length).toString()).toBe(cname);
    expect(compound.readUInt16BE(28 + 2)).toBe((compound.length - 28) / 4 - 1);
    expect(parseRtcp(compound)).toEqual([
      { kind: 'senderReport', ssrc: 9, ntpMiddle32: 0x7e81_8000, rtpTimestamp: 0xffffffff, reports: [] },
    ]);
  }
});

test('a NACK says exactly which packets, however far apart', () => {
  const lost = fc.uniqueArray(fc.nat(400), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(fc.nat(0xffff), lost, (start, offsets) => {
      const sequenceNumbers = offsets.sort((a, b) => a - b).map((offset) => (start + offset) & 0xffff);
      expect(parseRtcp(writeNack(1, 2, sequenceNumbers))).toEqual([{ kind: 'nack', mediaSsrc: 2, sequenceNumbers }]);
    }),
  );
});

test('reads picture loss, full intra request and goodbye', () => {
  expect(parseRtcp(writePictureLoss(1, 2))).toEqual([{ kind: 'pictureLoss', mediaSsrc: 2 }]);
  const fullIntra = Buffer.from('84ce000600000001000000000000000a01000000' + '0000000b02000000', 'hex');
  expect(parseRtcp(fullIntra)).toEqual([{ kind: 'fullIntraRequest', mediaSsrcs: [10, 11] }]);
  expect(parseRtcp(Buffer.from('81cb000100000005', 'hex'))).toEqual([{ kind: 'bye', ssrcs: [5] }]);
});

test('what is broken ends the compound, what is unknown is left out', () => {
  const unknown = Buffer.from('80cc000100000001', 'hex');
  const cut = Buffer.from('81cd00ff00000001', 'hex');
  expect(parseRtcp(Buffer.concat([unknown, writePictureLoss(1, 2), cut]))).toHaveLength(1);
});

test('no bytes make it throw', () => {
  const type = fc.constantFrom(200, 201, 202, 203, 204, 205, 206, 207);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 80 }), type, (bytes, packetType) => {
      const compound = Buffer.from(bytes);
      compound[0] = 0x80 | ((compound[0] ?? 0) & 0x1f);
      compound[1] = packetType;
      compound.writeUInt16BE((compound[3] ?? 0) % 20, 2);
      return Array.isArray(parseRtcp(compound));
    }),
    { numRuns: 5000 },
  );
});

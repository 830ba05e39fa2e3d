import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { parseRtp, readRtpExtension, writeRtpHeader } from './rtp-packet.js';

const fields = { marker: true, payloadType: 96, sequenceNumber: 65_535, timestamp: 0xfffffff0, ssrc: 0xdeadbeef };

test('reads back what it wrote', () => {
  const header = writeRtpHeader(fields, { id: 4, value: Buffer.from('12') });
  const packet = parseRtp(Buffer.concat([header, Buffer.from('payload')]));
  expect(packet).toMatchObject(fields);
  expect(packet?.payload.toString()).toBe('payload');
  expect(packet && readRtpExtension(packet, 4)?.toString()).toBe('12');
  expect(packet && readRtpExtension(packet, 3)).toBeUndefined();
});

test('leaves padding out, also when there is nothing else', () => {
  const header = writeRtpHeader(fields);
  header[0] = (header[0] ?? 0) | 0x20;
  expect(parseRtp(Buffer.concat([header, Buffer.from([7, 0, 0, 3])]))?.payload).toEqual(Buffer.from([7]));
  expect(parseRtp(Buffer.concat([header, Buffer.from([0, 0, 3])]))?.payload).toHaveLength(0);
  expect(parseRtp(Buffer.concat([header, Buffer.from([9])]))).toBeUndefined();
});

test('skips contributing sources and finds two-byte extensions', () => {
  const packet = parseRtp(
    Buffer.from(`92e0000100000002000000030000000400000005${'1000'}0002${'0502aabb'}${'00060000'}c0`, 'hex'),
  );
  expect(packet?.payload.toString('hex')).toBe('c0');
  expect(packet && readRtpExtension(packet, 5)?.toString('hex')).toBe('aabb');
  expect(packet && readRtpExtension(packet, 6)).toHaveLength(0);
});

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(16), (bytes, id) => {
      const datagram = Buffer.from(bytes);
      if (datagram.length > 0) datagram[0] = 0x80 | ((datagram[0] ?? 0) & 0x3f);
      const packet = parseRtp(datagram);
      if (packet) {
        readRtpExtension(packet, id);
        expect(packet.payload.length).toBeLessThan(datagram.length);
      }
    }),
    { numRuns: 5000 },
  );
});

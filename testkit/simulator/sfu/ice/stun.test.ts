import { createHmac } from 'node:crypto';

import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { crc32 } from './crc32.js';
import { isStun, parseBindingRequest, writeBindingSuccess } from './stun.js';

// RFC 5769 §2.1: a binding request with username "evtj:h6vY" and password "VOkJxbRl1RmTxUk/WvJxBt".
const rfcRequest = Buffer.from(
  `000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b15
   1263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf`.replace(
    /\s/g,
    '',
  ),
  'hex',
);
const rfcPassword = 'VOkJxbRl1RmTxUk/WvJxBt';

test('reads the request of RFC 5769 and verifies its integrity', () => {
  const request = parseBindingRequest(rfcRequest);
  expect(request).toMatchObject({ localUfrag: 'evtj', useCandidate: false });
  expect(request?.verify(rfcPassword)).toBe(true);
  expect(request?.verify('something else')).toBe(false);
});

test('finds USE-CANDIDATE, and ignores what stands behind the integrity', () => {
  const head = Buffer.from('000100002112a442000102030405060708090a0b', 'hex');
  const username = Buffer.from('00060003613a6200', 'hex');
  const body = Buffer.concat([head, username]);
  body.writeUInt16BE(body.length - 20 + 24, 2);
  const mac = createHmac('sha1', 'pw').update(body).digest();
  const late = Buffer.from('000600017800000000250000', 'hex');
  const whole = Buffer.concat([body, Buffer.from('00080014', 'hex'), mac, late]);
  whole.writeUInt16BE(whole.length - 20, 2);
  const request = parseBindingRequest(whole);
  expect(request).toMatchObject({ localUfrag: 'a', useCandidate: false });

  const nominating = Buffer.concat([head, Buffer.from('00060003613a6200', 'hex'), Buffer.from('00250000', 'hex')]);
  nominating.writeUInt16BE(nominating.length - 20 + 24, 2);
  const signed = Buffer.concat([
    nominating,
    Buffer.from('00080014', 'hex'),
    createHmac('sha1', 'pw').update(nominating).digest(),
  ]);
  expect(parseBindingRequest(signed)).toMatchObject({ useCandidate: true });
  expect(parseBindingRequest(signed)?.verify('pw')).toBe(true);
});

test.each([
  ['192.0.2.1', 32853, '002000080001a147e112a643'],
  ['2001:db8:1234:5678:11:2233:4455:6677', 32853, '002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9'],
])('answers with the mapped address %s as RFC 5769 §2.2 and §2.3 do', (address, port, attribute) => {
  const request = parseBindingRequest(rfcRequest);
  if (!request) throw new Error('unreadable');
  const answer = writeBindingSuccess(request, { address, port }, rfcPassword);
  expect(answer.readUInt16BE(0)).toBe(0x0101);
  expect(answer.readUInt16BE(2)).toBe(answer.length - 20);
  expect(answer.subarray(4, 20)).toEqual(rfcRequest.subarray(4, 20));
  expect(answer.toString('hex')).toContain(attribute);
  const fingerprintAt = answer.length - 8;
  expect(answer.readUInt32BE(fingerprintAt + 4)).toBe((crc32(answer.subarray(0, fingerprintAt)) ^ 0x5354554e) >>> 0);
});

test('the CRC is the one of ISO 3309', () => {
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
});

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.nat(107),
      fc.uint8Array({ maxLength: 8 }),
      (random, at, patch) => {
        isStun(Buffer.from(random));
        expect(parseBindingRequest(Buffer.from(random))).toBeUndefined();
        const mutated = Buffer.from(rfcRequest);
        mutated.set(patch.subarray(0, Math.max(0, mutated.length - at)), at);
        const request = parseBindingRequest(mutated);
        // What was changed in front of the integrity attribute does not verify.
        if (request && !mutated.subarray(0, 76).equals(rfcRequest.subarray(0, 76))) {
          expect(request.verify(rfcPassword)).toBe(false);
        }
      },
    ),
  );
});

import { bindingTransaction, writeMapping } from '../../../testkit/simulator/sfu/ice/stun.js';
import { parseStunUrl, readBindingAnswer, writeBindingRequest } from './stun.js';

const id = Buffer.from('b7e7a701bc34d686fa87dfae', 'hex');

test.each([
  ['stun:example.com', { host: 'example.com', port: 3478 }],
  ['STUN:127.0.0.1:19302', { host: '127.0.0.1', port: 19_302 }],
  ['stun:[::1]:5', { host: '::1', port: 5 }],
  ['stun:example.com:0', null],
  ['stun:example.com:65536', null],
  ['stun:', null],
  ['turn:example.com', null],
  ['stun:user@example.com', null],
])('%s', (url, server) => {
  expect(parseStunUrl(url)).toEqual(server);
});

test('a request is understood, and its answer', () => {
  const request = writeBindingRequest(id);
  expect(request.toString('hex')).toBe('000100002112a442b7e7a701bc34d686fa87dfae');
  expect(bindingTransaction(request)).toEqual(id);
  for (const mapped of [
    { address: '192.0.2.1', port: 32_853 },
    { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32_853 },
  ]) {
    expect(readBindingAnswer(writeMapping(id, mapped), id)).toEqual(mapped);
  }
});

// The address attribute of the sample answers in RFC 5769, sections 2.2 and 2.3.
test.each([
  ['IPv4', '002000080001a147e112a643', { address: '192.0.2.1', port: 32_853 }],
  [
    'IPv6',
    '002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9',
    { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32_853 },
  ],
  ['a MAPPED-ADDRESS of an old server', '000100080001003fc0000201', { address: '192.0.2.1', port: 63 }],
  [
    'after an attribute with padding',
    '8022000361626300002000080001a147e112a643',
    { address: '192.0.2.1', port: 32_853 },
  ],
])('%s', (_name, attributes, address) => {
  const body = Buffer.from(attributes, 'hex');
  const header = Buffer.from(`0101${body.length.toString(16).padStart(4, '0')}2112a442${id.toString('hex')}`, 'hex');
  expect(readBindingAnswer(Buffer.concat([header, body]), id)).toEqual(address);
});

test('anything else is no answer, and nothing throws', () => {
  const answer = writeMapping(id, { address: '192.0.2.1', port: 1 });
  expect(readBindingAnswer(answer, Buffer.alloc(12))).toBeNull();
  expect(readBindingAnswer(writeBindingRequest(id), id)).toBeNull();
  expect(readBindingAnswer(answer.subarray(0, 20), id)).toBeNull();
  for (let length = 0; length < answer.length; length += 1) {
    expect(readBindingAnswer(answer.subarray(0, length), id)).toBeNull();
  }
});

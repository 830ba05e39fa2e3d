import { createHmac, timingSafeEqual } from 'node:crypto';
import { isIPv4 } from 'node:net';

import { crc32 } from './crc32.js';

const headerBytes = 20;
const magicCookie = 0x2112a442;
const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const attribute = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  xorMappedAddress: 0x0020,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
} as const;
const fingerprintMask = 0x5354554e;

/** A STUN binding request (RFC 8489) as ICE sends it (RFC 8445 §7.1). */
export interface BindingRequest {
  readonly transactionId: Buffer;
  /** The user fragment of the agent that is asked: the part of USERNAME before the colon. */
  readonly localUfrag: string;
  readonly useCandidate: boolean;
  /** True when MESSAGE-INTEGRITY was made with this password. */
  verify(password: string): boolean;
}

/** Whether a datagram is STUN (RFC 7983 §7). */
export function isStun(datagram: Buffer): boolean {
  return datagram.length >= headerBytes && (datagram[0] ?? 255) < 4 && datagram.readUInt32BE(4) === magicCookie;
}

/** Reads a binding request; `undefined` for anything else. Never throws. */
export function parseBindingRequest(datagram: Buffer): BindingRequest | undefined {
  if (!isStun(datagram) || datagram.readUInt16BE(0) !== bindingRequest) return undefined;
  if (datagram.readUInt16BE(2) + headerBytes !== datagram.length) return undefined;
  let username: string | undefined;
  let useCandidate = false;
  let integrityAt: number | undefined;
  for (let at = headerBytes; at + 4 <= datagram.length; ) {
    const type = datagram.readUInt16BE(at);
    const length = datagram.readUInt16BE(at + 2);
    if (at + 4 + length > datagram.length) return undefined;
    if (integrityAt === undefined) {
      if (type === attribute.username) username = datagram.toString('utf8', at + 4, at + 4 + length);
      else if (type === attribute.useCandidate) useCandidate = true;
      else if (type === attribute.messageIntegrity && length === 20) integrityAt = at;
    }
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  if (username === undefined || integrityAt === undefined) return undefined;
  const protectedUpTo = integrityAt;
  return {
    transactionId: Buffer.from(datagram.subarray(8, headerBytes)),
    localUfrag: username.split(':')[0] ?? '',
    useCandidate,
    verify: (password) =>
      timingSafeEqual(
        integrity(datagram.subarray(0, protectedUpTo), password),
        datagram.subarray(protectedUpTo + 4, protectedUpTo + 24),
      ),
  };
}

/** The answer to a binding request: where it came from, protected by the same password. */
export function writeBindingSuccess(
  request: BindingRequest,
  from: { address: string; port: number },
  password: string,
): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16BE(bindingSuccess, 0);
  header.writeUInt32BE(magicCookie, 4);
  request.transactionId.copy(header, 8);
  const mapped = xorMappedAddress(from, request.transactionId);
  const body = Buffer.concat([header, mapped]);
  const signed = Buffer.concat([body, encodeAttribute(attribute.messageIntegrity, integrity(body, password))]);
  const fingerprint = Buffer.alloc(4);
  signed.writeUInt16BE(signed.length - headerBytes + 8, 2);
  fingerprint.writeUInt32BE((crc32(signed) ^ fingerprintMask) >>> 0, 0);
  return Buffer.concat([signed, encodeAttribute(attribute.fingerprint, fingerprint)]);
}

/** The transaction of a binding request, protected or not; `undefined` for anything else. Never throws. */
export function bindingTransaction(datagram: Buffer): Buffer | undefined {
  if (!isStun(datagram) || datagram.readUInt16BE(0) !== bindingRequest) return undefined;
  return Buffer.from(datagram.subarray(8, headerBytes));
}

/** The unprotected answer to a binding request: the address it is said to have come from. */
export function writeMapping(transactionId: Buffer, mapped: { address: string; port: number }): Buffer {
  const header = Buffer.alloc(headerBytes);
  const attributes = xorMappedAddress(mapped, transactionId);
  header.writeUInt16BE(bindingSuccess, 0);
  header.writeUInt16BE(attributes.length, 2);
  header.writeUInt32BE(magicCookie, 4);
  transactionId.copy(header, 8);
  return Buffer.concat([header, attributes]);
}

/** HMAC-SHA1 over the message so far, its length field counting the integrity attribute as well. */
function integrity(message: Buffer, password: string): Buffer {
  const copy = Buffer.from(message);
  copy.writeUInt16BE(message.length - headerBytes + 24, 2);
  return createHmac('sha1', password).update(copy).digest();
}

function encodeAttribute(type: number, value: Buffer): Buffer {
  const encoded = Buffer.alloc(4 + value.length + ((4 - (value.length % 4)) % 4));
  encoded.writeUInt16BE(type, 0);
  encoded.writeUInt16BE(value.length, 2);
  value.copy(encoded, 4);
  return encoded;
}

function xorMappedAddress(from: { address: string; port: number }, transactionId: Buffer): Buffer {
  const address = addressBytes(from.address);
  const value = Buffer.alloc(4 + address.length);
  value[1] = address.length === 4 ? 1 : 2;
  value.writeUInt16BE(from.port ^ (magicCookie >>> 16), 2);
  const mask = Buffer.alloc(16);
  mask.writeUInt32BE(magicCookie, 0);
  transactionId.copy(mask, 4);
  for (let i = 0; i < address.length; i += 1) value[4 + i] = (address[i] ?? 0) ^ (mask[i] ?? 0);
  return encodeAttribute(attribute.xorMappedAddress, value);
}

function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail = ''] = (address.split('%')[0] ?? '').split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const left = groups(head);
  const right = groups(tail);
  const words = [...left, ...new Array<number>(Math.max(0, 8 - left.length - right.length)).fill(0), ...right];
  const bytes = Buffer.alloc(16);
  for (const [index, word] of words.slice(0, 8).entries()) bytes.writeUInt16BE(word & 0xffff, index * 2);
  return bytes;
}

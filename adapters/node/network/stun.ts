import { isIPv6 } from 'node:net';

// STUN (RFC 8489) as far as a binding request goes: no credentials, no fingerprint.
const magicCookie = 0x2112a442;
const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const mappedAddress = 0x0001;
const xorMappedAddress = 0x0020;
const headerBytes = 20;
const defaultPort = 3478;

export interface TransportAddress {
  readonly address: string;
  readonly port: number;
}

/** Host and port of a `stun:` URL (RFC 7064); null when it is none. */
export function parseStunUrl(url: string): { readonly host: string; readonly port: number } | null {
  const match = /^stun:(\[[\da-f:.]+\]|[^\s:/?#@[\]]+)(?::(\d{1,5}))?$/i.exec(url);
  const host = match?.[1]?.replace(/^\[|\]$/g, '');
  const port = match?.[2] === undefined ? defaultPort : Number(match[2]);
  return host === undefined || port < 1 || port > 65_535 ? null : { host, port };
}

/** `transactionId`: 12 random bytes. */
export function writeBindingRequest(transactionId: Buffer): Buffer {
  const request = Buffer.alloc(headerBytes);
  request.writeUInt16BE(bindingRequest, 0);
  request.writeUInt32BE(magicCookie, 4);
  transactionId.copy(request, 8, 0, 12);
  return request;
}

/** The address from which the server saw the request come; null for anything but the answer to it. Never throws. */
export function readBindingAnswer(datagram: Buffer, transactionId: Buffer): TransportAddress | null {
  if (datagram.length < headerBytes || datagram.readUInt16BE(0) !== bindingSuccess) return null;
  if (datagram.readUInt32BE(4) !== magicCookie || !datagram.subarray(8, headerBytes).equals(transactionId)) return null;
  let plain: TransportAddress | null = null;
  for (let at = headerBytes; at + 4 <= datagram.length; ) {
    const type = datagram.readUInt16BE(at);
    const length = datagram.readUInt16BE(at + 2);
    const value = datagram.subarray(at + 4, at + 4 + length);
    if (value.length < length) return plain;
    if (type === xorMappedAddress) return readAddress(value, datagram.subarray(4, headerBytes));
    // Servers from before RFC 5389 know nothing else.
    if (type === mappedAddress) plain = readAddress(value, Buffer.alloc(16));
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  return plain;
}

function readAddress(value: Buffer, mask: Buffer): TransportAddress | null {
  const size = value[1] === 2 ? 16 : 4;
  if (value.length < 4 + size) return null;
  const port = value.readUInt16BE(2) ^ mask.readUInt16BE(0);
  const bytes = Array.from(value.subarray(4, 4 + size), (byte, index) => byte ^ (mask[index] ?? 0));
  if (size === 4) return { address: bytes.join('.'), port };
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
  );
  const address = groups.join(':');
  return isIPv6(address) ? { address, port } : null;
}

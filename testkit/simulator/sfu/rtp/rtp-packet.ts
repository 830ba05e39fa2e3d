/** A decrypted RTP packet (RFC 3550 §5.1). `payload` is a view into the received datagram, without padding. */
export interface RtpPacket {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Buffer;
  readonly extensions: RtpExtensionBlock | undefined;
}

/** The undecoded header extension block (RFC 8285). */
export interface RtpExtensionBlock {
  readonly form: 'one-byte' | 'two-byte';
  readonly bytes: Buffer;
}

export interface RtpHeaderFields {
  marker: boolean;
  payloadType: number;
  sequenceNumber: number;
  timestamp: number;
  ssrc: number;
}

const fixedHeaderBytes = 12;
const oneByteProfile = 0xbede;

/** Reads an RTP packet; `undefined` when the bytes are none. Never throws. */
export function parseRtp(datagram: Buffer): RtpPacket | undefined {
  if (datagram.length < fixedHeaderBytes) return undefined;
  const first = datagram[0] ?? 0;
  if (first >> 6 !== 2) return undefined;
  const second = datagram[1] ?? 0;
  let offset = fixedHeaderBytes + (first & 0x0f) * 4;
  if (offset > datagram.length) return undefined;

  let extensions: RtpExtensionBlock | undefined;
  if (first & 0x10) {
    if (offset + 4 > datagram.length) return undefined;
    const profile = datagram.readUInt16BE(offset);
    const end = offset + 4 + datagram.readUInt16BE(offset + 2) * 4;
    if (end > datagram.length) return undefined;
    const bytes = datagram.subarray(offset + 4, end);
    if (profile === oneByteProfile) extensions = { form: 'one-byte', bytes };
    else if ((profile & 0xfff0) === 0x1000) extensions = { form: 'two-byte', bytes };
    offset = end;
  }

  let end = datagram.length;
  if (first & 0x20) {
    const padding = datagram[end - 1] ?? 0;
    if (padding === 0 || offset + padding > end) return undefined;
    end -= padding;
  }
  return {
    marker: (second & 0x80) !== 0,
    payloadType: second & 0x7f,
    sequenceNumber: datagram.readUInt16BE(2),
    timestamp: datagram.readUInt32BE(4),
    ssrc: datagram.readUInt32BE(8),
    payload: datagram.subarray(offset, end),
    extensions,
  };
}

/** The value of one header extension element; `undefined` when it is not in the packet. */
export function readRtpExtension(packet: RtpPacket, id: number): Buffer | undefined {
  const block = packet.extensions;
  if (!block) return undefined;
  const { bytes } = block;
  let offset = 0;
  while (offset < bytes.length) {
    const head = bytes[offset] ?? 0;
    if (head === 0) {
      offset += 1;
      continue;
    }
    let elementId: number;
    let length: number;
    if (block.form === 'one-byte') {
      elementId = head >> 4;
      if (elementId === 15) return undefined;
      length = (head & 0x0f) + 1;
      offset += 1;
    } else {
      elementId = head;
      length = bytes[offset + 1] ?? 0;
      offset += 2;
    }
    if (offset + length > bytes.length) return undefined;
    if (elementId === id) return bytes.subarray(offset, offset + length);
    offset += length;
  }
  return undefined;
}

/** Serialises a fresh header, with at most one one-byte extension element. */
export function writeRtpHeader(
  fields: RtpHeaderFields,
  extension?: { id: number; value: Buffer },
): ReturnType<typeof Buffer.alloc> {
  const extensionBytes = extension ? 4 + Math.ceil((1 + extension.value.length) / 4) * 4 : 0;
  const header = Buffer.alloc(fixedHeaderBytes + extensionBytes);
  header[0] = 0x80 | (extension ? 0x10 : 0);
  header[1] = (fields.marker ? 0x80 : 0) | fields.payloadType;
  header.writeUInt16BE(fields.sequenceNumber, 2);
  header.writeUInt32BE(fields.timestamp, 4);
  header.writeUInt32BE(fields.ssrc, 8);
  if (extension) {
    header.writeUInt16BE(oneByteProfile, 12);
    header.writeUInt16BE((extensionBytes - 4) / 4, 14);
    header[16] = (extension.id << 4) | (extension.value.length - 1);
    extension.value.copy(header, 17);
  }
  return header;
}

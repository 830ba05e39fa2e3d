/** What the media server understands of an RTCP compound packet (RFC 3550 §6, RFC 4585). */
export type RtcpMessage =
  | { kind: 'senderReport'; ssrc: number; ntpMiddle32: number; rtpTimestamp: number; reports: ReportBlock[] }
  | { kind: 'receiverReport'; ssrc: number; reports: ReportBlock[] }
  | { kind: 'nack'; mediaSsrc: number; sequenceNumbers: number[] }
  | { kind: 'pictureLoss'; mediaSsrc: number }
  | { kind: 'fullIntraRequest'; mediaSsrcs: number[] }
  | { kind: 'bye'; ssrcs: number[] };

/** A reception report block (RFC 3550 §6.4.1). `fractionLost` is the 8-bit value, 0..255. */
export interface ReportBlock {
  ssrc: number;
  fractionLost: number;
  packetsLost: number;
  highestSequence: number;
  jitter: number;
  lastSenderReport: number;
  delaySinceLastSenderReport: number;
}

const senderReport = 200;
const receiverReport = 201;
const sourceDescription = 202;
const goodbye = 203;
const transportFeedback = 205;
const payloadFeedback = 206;

/** Reads a compound packet. What is broken or unknown in it is left out. Never throws. */
export function parseRtcp(compound: Buffer): RtcpMessage[] {
  const messages: RtcpMessage[] = [];
  let offset = 0;
  while (offset + 8 <= compound.length) {
    const first = compound[offset] ?? 0;
    const end = offset + 4 + compound.readUInt16BE(offset + 2) * 4;
    if (first >> 6 !== 2 || end > compound.length || end < offset + 8) break;
    const message = parseOne(compound.subarray(offset, end), first & 0x1f, compound[offset + 1] ?? 0);
    if (message) messages.push(message);
    offset = end;
  }
  return messages;
}

function parseOne(packet: Buffer, count: number, type: number): RtcpMessage | undefined {
  switch (type) {
    case senderReport:
      if (packet.length < 28) return undefined;
      return {
        kind: 'senderReport',
        ssrc: packet.readUInt32BE(4),
        ntpMiddle32: packet.readUInt32BE(10),
        rtpTimestamp: packet.readUInt32BE(16),
        reports: parseReportBlocks(packet, 28, count),
      };
    case receiverReport:
      return { kind: 'receiverReport', ssrc: packet.readUInt32BE(4), reports: parseReportBlocks(packet, 8, count) };
    case goodbye: {
      const ssrcs: number[] = [];
      for (let i = 0; i < count && 8 + i * 4 <= packet.length; i += 1) ssrcs.push(packet.readUInt32BE(4 + i * 4));
      return { kind: 'bye', ssrcs };
    }
    case transportFeedback:
      return count === 1 && packet.length >= 16 ? parseNack(packet) : undefined;
    case payloadFeedback:
      if (packet.length < 12) return undefined;
      if (count === 1) return { kind: 'pictureLoss', mediaSsrc: packet.readUInt32BE(8) };
      if (count === 4) return parseFullIntraRequest(packet);
      return undefined;
    default:
      return undefined;
  }
}

function parseReportBlocks(packet: Buffer, start: number, count: number): ReportBlock[] {
  const reports: ReportBlock[] = [];
  for (let i = 0; i < count; i += 1) {
    const at = start + i * 24;
    if (at + 24 > packet.length) break;
    reports.push({
      ssrc: packet.readUInt32BE(at),
      fractionLost: packet[at + 4] ?? 0,
      packetsLost: packet.readIntBE(at + 5, 3),
      highestSequence: packet.readUInt32BE(at + 8),
      jitter: packet.readUInt32BE(at + 12),
      lastSenderReport: packet.readUInt32BE(at + 16),
      delaySinceLastSenderReport: packet.readUInt32BE(at + 20),
    });
  }
  return reports;
}

function parseNack(packet: Buffer): RtcpMessage {
  const sequenceNumbers: number[] = [];
  for (let at = 12; at + 4 <= packet.length; at += 4) {
    const first = packet.readUInt16BE(at);
    const following = packet.readUInt16BE(at + 2);
    sequenceNumbers.push(first);
    for (let bit = 0; bit < 16; bit += 1) {
      if (following & (1 << bit)) sequenceNumbers.push((first + 1 + bit) & 0xffff);
    }
  }
  return { kind: 'nack', mediaSsrc: packet.readUInt32BE(8), sequenceNumbers };
}

function parseFullIntraRequest(packet: Buffer): RtcpMessage {
  const mediaSsrcs: number[] = [];
  for (let at = 12; at + 8 <= packet.length; at += 8) mediaSsrcs.push(packet.readUInt32BE(at));
  return { kind: 'fullIntraRequest', mediaSsrcs };
}

function rtcpHeader(packet: Buffer, count: number, type: number): Buffer {
  packet[0] = 0x80 | count;
  packet[1] = type;
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
  return packet;
}

/** A receiver report of up to 31 blocks. */
export function writeReceiverReport(ssrc: number, reports: readonly ReportBlock[]): Buffer {
  const packet = rtcpHeader(Buffer.alloc(8 + reports.length * 24), reports.length, receiverReport);
  packet.writeUInt32BE(ssrc, 4);
  reports.forEach((report, index) => {
    const at = 8 + index * 24;
    packet.writeUInt32BE(report.ssrc, at);
    packet[at + 4] = report.fractionLost;
    packet.writeIntBE(Math.max(-0x800000, Math.min(0x7fffff, report.packetsLost)), at + 5, 3);
    packet.writeUInt32BE(report.highestSequence >>> 0, at + 8);
    packet.writeUInt32BE(report.jitter >>> 0, at + 12);
    packet.writeUInt32BE(report.lastSenderReport >>> 0, at + 16);
    packet.writeUInt32BE(report.delaySinceLastSenderReport >>> 0, at + 20);
  });
  return packet;
}

export interface SenderReportFields {
  ssrc: number;
  /** Wall clock, milliseconds since 1970. */
  wallClockMs: number;
  rtpTimestamp: number;
  packetCount: number;
  octetCount: number;
  cname: string;
}

const secondsFrom1900To1970 = 2_208_988_800;

/** A sender report followed by the source description (CNAME) that RFC 3550 wants with it. */
export function writeSenderReport(fields: SenderReportFields): Buffer {
  const report = rtcpHeader(Buffer.alloc(28), 0, senderReport);
  report.writeUInt32BE(fields.ssrc, 4);
  const seconds = Math.floor(fields.wallClockMs / 1000);
  report.writeUInt32BE((seconds + secondsFrom1900To1970) >>> 0, 8);
  report.writeUInt32BE(Math.floor(((fields.wallClockMs - seconds * 1000) / 1000) * 0x1_0000_0000) >>> 0, 12);
  report.writeUInt32BE(fields.rtpTimestamp >>> 0, 16);
  report.writeUInt32BE(fields.packetCount >>> 0, 20);
  report.writeUInt32BE(fields.octetCount >>> 0, 24);
  const cname = Buffer.from(fields.cname, 'utf8').subarray(0, 255);
  const description = rtcpHeader(Buffer.alloc(8 + Math.ceil((2 + cname.length + 1) / 4) * 4), 1, sourceDescription);
  description.writeUInt32BE(fields.ssrc, 4);
  description[8] = 1;
  description[9] = cname.length;
  cname.copy(description, 10);
  return Buffer.concat([report, description]);
}

/** A generic NACK (RFC 4585 §6.2.1). `sequenceNumbers` in ascending order, as they were lost. */
export function writeNack(senderSsrc: number, mediaSsrc: number, sequenceNumbers: readonly number[]): Buffer {
  const entries: { first: number; following: number }[] = [];
  for (const sequenceNumber of sequenceNumbers) {
    const last = entries[entries.length - 1];
    const distance = last ? (sequenceNumber - last.first) & 0xffff : 0;
    if (last && distance >= 1 && distance <= 16) last.following |= 1 << (distance - 1);
    else entries.push({ first: sequenceNumber, following: 0 });
  }
  const packet = feedback(transportFeedback, 1, senderSsrc, mediaSsrc, entries.length * 4);
  entries.forEach((entry, index) => {
    packet.writeUInt16BE(entry.first, 12 + index * 4);
    packet.writeUInt16BE(entry.following, 14 + index * 4);
  });
  return packet;
}

/** A picture loss indication (RFC 4585 §6.3.1): asks the sender for a keyframe. */
export function writePictureLoss(senderSsrc: number, mediaSsrc: number): Buffer {
  return feedback(payloadFeedback, 1, senderSsrc, mediaSsrc, 0);
}

function feedback(type: number, format: number, senderSsrc: number, mediaSsrc: number, bodyBytes: number): Buffer {
  const packet = rtcpHeader(Buffer.alloc(12 + bodyBytes), format, type);
  packet.writeUInt32BE(senderSsrc, 4);
  packet.writeUInt32BE(mediaSsrc, 8);
  return packet;
}

import { RtpHeader, type SrtcpSession, type SrtpSession } from 'werift';

import { RolloverCounter } from './rollover.js';

/** A buffer that is not shared memory, as werift's types want it. */
export type OwnedBuffer = ReturnType<typeof Buffer.alloc>;

/** An RTP header that is already serialised: werift encrypts the payload and leaves the header as it is. */
class ReadyRtpHeader extends RtpHeader {
  bytes: OwnedBuffer = Buffer.alloc(0);

  override get serializeSize(): number {
    return this.bytes.length;
  }

  override serialize(): OwnedBuffer {
    return this.bytes;
  }
}

const fixedHeaderBytes = 12;

/**
 * SRTP and SRTCP with the keys of one DTLS association. The ciphers are werift's; the rollover
 * counters are kept here, because werift loses count when packets around a wrap are missing.
 */
export class SrtpLink {
  private readonly header = new ReadyRtpHeader();
  private readonly incoming = new Map<number, RolloverCounter>();
  private readonly outgoing = new Map<number, RolloverCounter>();

  constructor(
    private readonly srtp: SrtpSession,
    private readonly srtcp: SrtcpSession,
  ) {}

  decryptRtp(datagram: Buffer): Buffer | undefined {
    if (datagram.length < fixedHeaderBytes) return undefined;
    const ssrc = datagram.readUInt32BE(8);
    const sequenceNumber = datagram.readUInt16BE(2);
    const rollover = this.incoming.get(ssrc) ?? new RolloverCounter();
    try {
      const [packet] = this.srtp.remoteContext.cipher.decryptRtp(datagram, rollover.guess(sequenceNumber));
      rollover.accept(sequenceNumber);
      this.incoming.set(ssrc, rollover);
      return packet;
    } catch {
      // Not authentic: as if it had never come.
      return undefined;
    }
  }

  decryptRtcp(datagram: Buffer): Buffer | undefined {
    try {
      return this.srtcp.decrypt(datagram);
    } catch {
      // Not authentic: as if it had never come.
      return undefined;
    }
  }

  encryptRtp(header: OwnedBuffer, payload: Buffer): Buffer {
    const sequenceNumber = header.readUInt16BE(2);
    const ssrc = header.readUInt32BE(8);
    let rollover = this.outgoing.get(ssrc);
    if (!rollover) {
      rollover = new RolloverCounter();
      this.outgoing.set(ssrc, rollover);
    }
    this.header.bytes = header;
    this.header.ssrc = ssrc;
    this.header.sequenceNumber = sequenceNumber;
    const datagram = this.srtp.localContext.cipher.encryptRtp(this.header, payload, rollover.guess(sequenceNumber));
    rollover.accept(sequenceNumber);
    return datagram;
  }

  encryptRtcp(compound: Buffer): Buffer {
    return this.srtcp.encrypt(compound);
  }
}

const capacity = 1024;

interface CachedPacket {
  sequenceNumber: number;
  datagram: Buffer;
}

/** The last 1,024 packets sent on one stream, ready to be sent again as they were. */
export class PacketCache {
  private readonly slots: (CachedPacket | undefined)[] = new Array<CachedPacket | undefined>(capacity);

  put(sequenceNumber: number, datagram: Buffer): void {
    this.slots[sequenceNumber % capacity] = { sequenceNumber, datagram };
  }

  get(sequenceNumber: number): Buffer | undefined {
    const slot = this.slots[sequenceNumber % capacity];
    return slot?.sequenceNumber === sequenceNumber ? slot.datagram : undefined;
  }
}

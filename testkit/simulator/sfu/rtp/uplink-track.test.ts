import { describe, expect, it } from '@jest/globals';

import { UplinkTrack } from './uplink-track.js';

const smallest = 0;
const largest = 2;
const payloadType = 96;

function publishedTrack() {
  const options = { kind: 'video', codec: 'VP8', payloadType, clockRate: 90_000, rids: ['q', 'h', 'f'] } as const;
  const track = new UplinkTrack(options, { senderSsrc: 1, sendRtcp: () => undefined });
  let sequenceNumber = 0;
  const receive = (layer: number, payload: Buffer, nowMs: number): void => {
    sequenceNumber += 1;
    const packet = { marker: true, payloadType, sequenceNumber, timestamp: nowMs * 90, payload, extensions: undefined };
    track.receive({ ...packet, ssrc: 100 + layer }, layer, nowMs);
  };
  return { track, receive };
}

describe('the layer that is forwarded', () => {
  const picture = Buffer.from([0x10, 0x00]);
  const paddingOnly = Buffer.alloc(0);

  it('is the largest while pictures come on it', () => {
    const { track, receive } = publishedTrack();
    for (const layer of [0, 1, 2]) receive(layer, picture, 0);
    for (let nowMs = 33; nowMs < 2000; nowMs += 33) {
      receive(smallest, picture, nowMs);
      receive(largest, picture, nowMs);
    }
    expect(track.bestLayer(2000, largest)).toBe(largest);
  });

  it('is a smaller one once nothing but padding comes on the largest', () => {
    const { track, receive } = publishedTrack();
    for (const layer of [0, 1, 2]) receive(layer, picture, 0);
    for (let nowMs = 33; nowMs < 2000; nowMs += 33) {
      receive(smallest, picture, nowMs);
      receive(largest, paddingOnly, nowMs);
    }
    expect(track.bestLayer(2000, largest)).toBe(smallest);
  });
});

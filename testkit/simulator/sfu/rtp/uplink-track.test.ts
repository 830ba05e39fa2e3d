import { describe, expect, it } from '@jest/globals';

import { DownlinkTrack } from './downlink-track.js';
import { parseRtp } from './rtp-packet.js';
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

describe('padding', () => {
  const keyframe = (id: number) => Buffer.from([0x10, 0x00, id]);
  const picture = (id: number) => Buffer.from([0x10, 0x01, id]);
  const paddingOnly = Buffer.alloc(0);

  /** A published track with one subscriber: what goes out to it, and what goes back to the publisher. */
  function forwardedTrack(kind: 'audio' | 'video', rids: readonly string[] = []) {
    const toPublisher: Buffer[] = [];
    const toSubscriber: Buffer[] = [];
    const track = new UplinkTrack(
      { kind, codec: kind === 'audio' ? 'opus' : 'VP8', payloadType, clockRate: 90_000, rids },
      { senderSsrc: 1, sendRtcp: (compound) => void toPublisher.push(compound) },
    );
    const sendAgain = (datagram: Buffer): void => void toSubscriber.push(datagram);
    const sendRtp = (header: Buffer, payload: Buffer): Buffer => {
      const datagram = Buffer.concat([header, payload]);
      toSubscriber.push(datagram);
      return datagram;
    };
    const downlink = new DownlinkTrack(
      track,
      { sendRtp, sendAgain, sendRtcp: () => undefined },
      { ssrc: 7, cname: 'echo', payloadType: 97, midExtension: undefined },
    );
    const receive = (sequenceNumber: number, payload: Buffer, layer = 0, nowMs = 0): void => {
      const head = { marker: true, payloadType, timestamp: nowMs * 90, ssrc: 100 + layer, extensions: undefined };
      track.receive({ ...head, sequenceNumber, payload }, layer, nowMs);
    };
    /** The packets that went out since the last call: their place after the first one, and what they hold. */
    let first: number | undefined;
    const sent = (): [place: number, id: number | undefined][] =>
      toSubscriber.splice(0).map((datagram) => {
        const packet = parseRtp(datagram);
        if (!packet) throw new Error('What was sent to the subscriber is no RTP packet.');
        first ??= packet.sequenceNumber;
        return [(packet.sequenceNumber - first) & 0xffff, packet.payload[2]];
      });
    const repeat = (place: number): void => downlink.repeat([((first ?? 0) + place) & 0xffff]);
    return { track, receive, sent, repeat, toPublisher };
  }

  it('does not reach a subscriber, nor leaves a gap in what does', () => {
    const { receive, sent } = forwardedTrack('video');
    receive(65_533, keyframe(1));
    receive(65_534, paddingOnly);
    receive(65_535, paddingOnly);
    receive(0, picture(2));
    receive(1, paddingOnly);
    receive(2, picture(3));
    expect(sent()).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
  });

  it('moves no number that a late packet needs', () => {
    const { receive, sent } = forwardedTrack('video');
    receive(100, keyframe(1));
    receive(102, paddingOnly);
    receive(104, picture(4));
    receive(101, picture(2));
    receive(103, picture(3));
    expect(sent()).toEqual([
      [0, 1],
      [3, 4],
      [1, 2],
      [2, 3],
    ]);
  });

  it('does not change which packet a subscriber gets again', () => {
    const { receive, sent, repeat } = forwardedTrack('video');
    receive(100, keyframe(1));
    receive(101, paddingOnly);
    receive(102, picture(2));
    receive(103, picture(3));
    sent();
    repeat(1);
    repeat(2);
    repeat(3);
    expect(sent()).toEqual([
      [1, 2],
      [2, 3],
    ]);
  });

  it('on one layer does not matter to the next one', () => {
    const { receive, sent } = forwardedTrack('video', ['q', 'h']);
    receive(100, keyframe(1), 0, 0);
    receive(9000, paddingOnly, 1, 0);
    receive(101, keyframe(2), 0, 1000);
    receive(102, paddingOnly, 0, 1010);
    receive(9001, keyframe(3), 1, 1020);
    receive(9002, paddingOnly, 1, 1030);
    receive(103, paddingOnly, 0, 1030);
    receive(9003, picture(4), 1, 1040);
    expect(sent()).toEqual([
      [0, 2],
      [1, 3],
      [2, 4],
    ]);
  });

  it('is no loss to the publisher, whose losses are asked for under its own numbers', () => {
    const { track, receive, toPublisher } = forwardedTrack('video');
    receive(100, keyframe(1));
    receive(101, paddingOnly);
    receive(102, paddingOnly);
    toPublisher.length = 0;
    track.repairLosses(20);
    expect(toPublisher).toEqual([]);
    receive(104, picture(3));
    track.repairLosses(40);
    // RFC 4585 §6.2.1: a single entry, which ends the packet: the number that is missing, and none after it.
    expect(toPublisher.map((compound) => compound.readUInt16BE(compound.length - 4))).toEqual([103]);
    expect(track.reports(40)[0]?.packetsLost).toBe(1);
  });

  it('of an audio track is forwarded as it comes', () => {
    const { receive, sent } = forwardedTrack('audio');
    receive(100, picture(1));
    receive(101, paddingOnly);
    receive(102, picture(2));
    expect(sent()).toEqual([
      [0, 1],
      [1, undefined],
      [2, 2],
    ]);
  });
});

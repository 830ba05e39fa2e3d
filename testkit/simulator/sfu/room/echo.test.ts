import { expect, test } from '@jest/globals';
import { PacketTrailerFeature, TrackInfo, TrackType } from '@livekit/protocol';

import type { MediaSink, MediaSource, SourcePacket } from '../rtp/media-source.js';
import { EchoParticipant } from './echo.js';

/** A video track that sends what it is given. */
function videoTrack() {
  const sinks = new Set<MediaSink>();
  const source: MediaSource = {
    kind: 'video',
    codec: 'VP8',
    clockRate: 90_000,
    subscribe: (sink) => void sinks.add(sink),
    unsubscribe: (sink) => void sinks.delete(sink),
    bestLayer: () => 0,
    requestKeyframe: () => {},
  };
  const send = (payload: Buffer): void => {
    const head = { marker: true, payloadType: 96, sequenceNumber: 1, timestamp: 2, ssrc: 3, extensions: undefined };
    const packet: SourcePacket = { packet: { ...head, payload }, layer: 0, keyframe: true, arrivalMs: 0 };
    for (const sink of sinks) sink.onPacket(packet);
  };
  return { source, send };
}

test('what a sender writes behind its frames comes back with them, and is announced', () => {
  const { source, send } = videoTrack();
  const packetTrailerFeatures = [PacketTrailerFeature.PTF_USER_TIMESTAMP, PacketTrailerFeature.PTF_FRAME_ID];
  const info = new TrackInfo({ sid: 'TR_camera', type: TrackType.VIDEO, packetTrailerFeatures });
  const echo = new EchoParticipant('inference-server-0');
  const echoed = echo.add({ publisher: { identity: 'client', sid: 'PA_client' }, info, source });
  expect(echoed.info.packetTrailerFeatures).toEqual(packetTrailerFeatures);
  expect(echoed.info.sid).not.toBe(info.sid);

  const received: Buffer[] = [];
  echoed.source.subscribe({ onPacket: ({ packet }) => received.push(packet.payload), onDiscontinuity: () => {} });
  const frame = Buffer.concat([Buffer.alloc(20, 0x90), Buffer.from('f8f7', 'hex'), Buffer.from('LKTS')]);
  send(frame);
  expect(received).toEqual([frame]);
  echo.close();
});

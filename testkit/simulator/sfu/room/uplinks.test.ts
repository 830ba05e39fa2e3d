import { expect, test } from '@jest/globals';
import { AddTrackRequest, TrackType } from '@livekit/protocol';

import type { SdpSection } from '../sdp/session.js';
import type { MediaTransport } from '../transport/media-transport.js';
import { Uplinks } from './uplinks.js';

const codecs: SdpSection['codecs'] = [
  { codec: 'VP8', payloadType: 96, clockRate: 90_000, channels: 1, fmtp: '' },
  { codec: 'opus', payloadType: 111, clockRate: 48_000, channels: 2, fmtp: '' },
];

const section = (mid: string, trackId: string, kind: 'audio' | 'video' = 'video'): SdpSection => ({
  mid,
  kind,
  trackId,
  codecs: codecs.filter(({ codec }) => (codec === 'opus') === (kind === 'audio')),
  direction: 'sendonly',
  isRejected: false,
  extensions: new Map(),
  sendRids: [],
  ssrcs: [],
});

function uplinks() {
  const bound = new Map<string, string>();
  const transport = {
    bindUplink: (mid: string) => void bound.set(mid, ''),
    unbindUplink: (mid: string) => void bound.delete(mid),
    sendRtcp: () => {},
  } as unknown as MediaTransport;
  const log: string[] = [];
  const tracks = new Uplinks(
    { identity: 'client', sid: 'PA_client' },
    {
      published: ({ info }) => log.push(`+${info.name}@${info.mid}`),
      unpublished: ({ info }) => log.push(`-${info.name}@${info.mid}`),
    },
  );
  const announce = (cid: string, name = cid, type = TrackType.VIDEO) =>
    tracks.announce(new AddTrackRequest({ cid, name, type }));
  const offer = (...sections: SdpSection[]) => tracks.offered(sections, transport);
  return { tracks, announce, offer, log, bound };
}

test('a track is found by the id that was announced for it', () => {
  const { announce, offer, log } = uplinks();
  announce('screen');
  announce('camera');
  offer(section('1', 'camera'), section('2', 'screen'));
  expect(log).toEqual(['+camera@1', '+screen@2']);
});

test('an offer that names none of the announced ids is matched by kind, in the order of announcement', () => {
  const { announce, offer, log, bound } = uplinks();
  announce('microphone', 'microphone', TrackType.AUDIO);
  announce('camera');
  announce('screen');
  offer(section('1', '{a}'), section('2', '{b}', 'audio'), section('3', '{c}'), section('4', '{d}'));
  expect(log).toEqual(['+camera@1', '+microphone@2', '+screen@3']);
  expect([...bound.keys()]).toEqual(['1', '2', '3']);
});

test('a track that is named keeps its section, whichever comes first', () => {
  const { announce, offer, log } = uplinks();
  announce('camera');
  offer(section('1', '{other}'), section('2', 'camera'));
  announce('screen');
  expect(log).toEqual(['+camera@2', '+screen@1']);
});

test('what is bound stays bound when it is offered again, under the id it was bound with', () => {
  const { announce, offer, log } = uplinks();
  announce('camera');
  offer(section('1', '{a}'));
  announce('screen');
  offer(section('1', '{a}'), section('2', '{b}'));
  offer(section('1', '{a}'), section('2', '{b}'));
  expect(log).toEqual(['+camera@1', '+screen@2']);
});

test('a section that is used again for another track ends the old one', () => {
  const { tracks, announce, offer, log, bound } = uplinks();
  announce('camera');
  offer(section('1', '{a}'));
  announce('screen');
  offer(section('1', '{b}'));
  expect(log).toEqual(['+camera@1', '-camera@1', '+screen@1']);
  tracks.stopped('1');
  expect(log.at(-1)).toBe('-screen@1');
  expect([...bound.keys()]).toEqual([]);
});

test('the second codec of a track takes no other track', () => {
  const { tracks, announce, offer, log } = uplinks();
  const simulcastCodecs = [
    { codec: 'vp9', cid: 'camera' },
    { codec: 'vp8', cid: 'camera-vp8' },
  ];
  tracks.announce(new AddTrackRequest({ cid: 'camera', name: 'camera', type: TrackType.VIDEO, simulcastCodecs }));
  offer(section('1', 'camera'), section('2', 'camera-vp8'));
  announce('screen');
  expect(log).toEqual(['+camera@1']);
});

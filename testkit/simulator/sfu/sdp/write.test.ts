import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { answerSections, layersOf } from '../signal/uplink-answer.js';
import { type RemoteDescription, readDescription, type SdpSection } from './session.js';
import { type TransportParameters, writeDescription } from './write.js';

const mid = 'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid';
const rid = 'a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id';
const repairedRid = 'a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id';
const twcc = 'a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';
const level = 'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level';

const videoCodecs = [
  'a=rtpmap:96 VP8/90000',
  'a=rtcp-fb:96 nack',
  'a=rtpmap:97 rtx/90000',
  'a=fmtp:97 apt=96',
  'a=rtpmap:98 VP9/90000',
  'a=fmtp:98 profile-id=0',
  'a=rtpmap:100 VP9/90000',
  'a=fmtp:100 profile-id=2',
  'a=rtpmap:102 H264/90000',
  'a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f',
  'a=rtpmap:103 H264/90000',
  'a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
  'a=rtpmap:45 AV1/90000',
];
const audioCodecs = ['a=rtpmap:111 opus/48000/2', 'a=fmtp:111 minptime=10;useinbandfec=1', 'a=rtpmap:63 red/48000/2'];
const video = 'm=video 9 UDP/TLS/RTP/SAVPF 96 97 98 100 102 103 45';
const audio = 'm=audio 9 UDP/TLS/RTP/SAVPF 111 63';

function offer(...sections: string[][]): RemoteDescription {
  const head = ['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0 1 2 3'];
  const transport = ['a=ice-ufrag:abcd', 'a=ice-pwd:efghefghefghefghefghefgh', 'a=fingerprint:sha-256 AB:CD'];
  const lines = [
    ...head,
    ...sections.flatMap(([media = '', ...rest]) => [media, 'c=IN IP4 0.0.0.0', ...transport, ...rest]),
  ];
  const description = readDescription(`${lines.join('\r\n')}\r\n`);
  if (!description) throw new Error('unreadable offer');
  return description;
}

const simulcastSection = [
  video,
  'a=mid:1',
  mid,
  rid,
  repairedRid,
  twcc,
  'a=sendonly',
  'a=msid:stream track',
  ...videoCodecs,
  'a=rid:f send',
  'a=rid:h send',
  'a=rid:q send',
  'a=simulcast:send f;h;q',
];
const receiveSection = [video, 'a=mid:2', mid, rid, repairedRid, twcc, 'a=recvonly', ...videoCodecs];
const dataSection = ['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'a=mid:0', 'a=sctp-port:5000'];
const audioSection = [audio, 'a=mid:3', mid, twcc, level, 'a=sendonly', 'a=msid:stream voice', ...audioCodecs];

const transport: TransportParameters = {
  ufrag: 'UFRAG',
  password: 'PASSWORD',
  fingerprint: { algorithm: 'sha-256', value: 'EF:01' },
  candidates: [{ address: '127.0.0.1', port: 4000 }],
};
const codecOf = (section: SdpSection, name: string) => section.codecs.find(({ codec }) => codec === name);

function answer(
  description: RemoteDescription,
  sending: Parameters<typeof answerSections>[1] = () => undefined,
  preferred: Parameters<typeof answerSections>[2] = () => undefined,
): { head: string; media: Map<string, string> } {
  const sdp = writeDescription('answer', 1, transport, answerSections(description, sending, preferred));
  expect(sdp.endsWith('\r\n')).toBe(true);
  const [head = '', ...media] = sdp.split(/(?=^m=)/m);
  return { head, media: new Map(media.map((section) => [/a=mid:(.*)\r/.exec(section)?.[1] ?? '', section])) };
}

describe('reading an offer', () => {
  test('finds what matters', () => {
    const description = offer(dataSection, simulcastSection, audioSection);
    expect(description).toMatchObject({ ufrag: 'abcd', fingerprint: { algorithm: 'sha-256', value: 'AB:CD' } });
    const [data, sent, voice] = description.sections;
    expect(data).toMatchObject({ kind: 'application', mid: '0' });
    expect(sent).toMatchObject({ kind: 'video', direction: 'sendonly', trackId: 'track', sendRids: ['f', 'h', 'q'] });
    expect(sent?.codecs.map(({ codec, payloadType }) => [codec, payloadType])).toEqual([
      ['VP8', 96],
      ['VP9', 98],
      ['H264', 103],
    ]);
    expect(voice).toMatchObject({ kind: 'audio', trackId: 'voice', codecs: [{ payloadType: 111, channels: 2 }] });
  });

  test('orders the layers by size', () => {
    const [section] = offer(simulcastSection).sections;
    expect(section && layersOf(section)).toEqual(['q', 'h', 'f']);
  });

  test('leaves out the SSRCs of repair flows', () => {
    const [section] = offer([
      ...receiveSection.map((line) => (line === 'a=recvonly' ? 'a=sendonly' : line)),
      'a=ssrc-group:FID 11 12',
      'a=ssrc:11 cname:x',
      'a=ssrc:11 msid:s t',
      'a=ssrc:12 cname:x',
    ]).sections;
    expect(section).toMatchObject({ ssrcs: [11], trackId: 't' });
  });

  test('nothing makes it throw', () => {
    expect(readDescription('')).toBeUndefined();
    expect(readDescription('hello')).toBeUndefined();
    const lines = [
      ...simulcastSection,
      ...audioSection,
      ...dataSection,
      'a=ssrc:',
      'a=msid:',
      'a=rid:',
      'm=',
      'a=extmap:',
    ];
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...lines), fc.string())), (chosen) => {
        const description = readDescription(['v=0', ...chosen].join('\r\n'));
        if (description) answer(description);
        expect(description === undefined || description.sections.length > 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('answering', () => {
  test('is ICE-lite, passive, and names its candidate once, in the first section', () => {
    const { head, media } = answer(offer(dataSection, simulcastSection, receiveSection));
    expect(head).toContain('a=ice-lite\r\n');
    expect(head).toContain('a=group:BUNDLE 0 1 2\r\n');
    for (const section of media.values()) {
      expect(section).toContain('a=setup:passive\r\na=');
      expect(section).toContain('a=ice-ufrag:UFRAG\r\n');
      expect(section).toContain('a=fingerprint:sha-256 EF:01\r\n');
    }
    const candidate = 'a=candidate:1 1 udp 2130706431 127.0.0.1 4000 typ host\r\na=end-of-candidates\r\n';
    expect([...media.values()].map((section) => section.includes(candidate))).toEqual([true, false, false]);
  });

  test('takes simulcast as it was offered, and lets the encoder start high', () => {
    const section = answer(offer(dataSection, simulcastSection)).media.get('1') ?? '';
    expect(section).toContain('m=video 9 UDP/TLS/RTP/SAVPF 96 98 103\r\n');
    expect(section).toContain('a=recvonly\r\n');
    expect(section).toContain('a=rid:f recv\r\na=rid:h recv\r\na=rid:q recv\r\na=simulcast:recv f;h;q\r\n');
    expect(section).toContain('a=fmtp:96 x-google-start-bitrate=2000\r\n');
    expect(section).toContain(
      'a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f;x-google-start-bitrate=2000\r\n',
    );
    for (const value of ['transport-cc', 'ccm fir', 'nack', 'nack pli']) {
      expect(section).toContain(`a=rtcp-fb:96 ${value}\r\n`);
    }
    expect(section).not.toContain('rtx');
  });

  test('puts the codec of the track first', () => {
    const { media } = answer(offer(simulcastSection), undefined, (section) => codecOf(section, 'H264'));
    expect(media.get('1')).toContain('m=video 9 UDP/TLS/RTP/SAVPF 103 96 98\r\n');
  });

  test('every video section, the inactive ones too, carries all header extensions', () => {
    const { media } = answer(offer(dataSection, simulcastSection, receiveSection));
    for (const id of ['1', '2']) {
      for (const line of [mid, rid, repairedRid, twcc]) expect(media.get(id)).toContain(`${line}\r\n`);
    }
    expect(media.get('2')).toContain('m=video 9 ');
    expect(media.get('2')).toContain('a=inactive\r\n');
  });

  test('audio carries mid and transport sequence numbers only', () => {
    const section = answer(offer(audioSection)).media.get('3') ?? '';
    expect(section).toContain(`${mid}\r\n${twcc}\r\n`);
    expect(section).not.toContain('ssrc-audio-level');
    expect(section).toContain('a=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\n');
    expect(section).toContain('a=fmtp:111 minptime=10;useinbandfec=1\r\n');
  });

  test('sends a track with its one codec and its identity', () => {
    const stream = { ssrc: 77, cname: 'PA_x', streamId: 'PA_x|TR_y', trackId: 'TR_y' };
    const { media } = answer(offer(dataSection, receiveSection), (section) => {
      const codec = codecOf(section, 'VP9');
      return codec && { stream, codec };
    });
    const section = media.get('2') ?? '';
    expect(section).toContain('m=video 9 UDP/TLS/RTP/SAVPF 98\r\n');
    expect(section).toContain('a=msid:PA_x|TR_y TR_y\r\na=sendonly\r\n');
    expect(section).toContain('a=ssrc:77 cname:PA_x\r\na=ssrc:77 msid:PA_x|TR_y TR_y\r\n');
  });

  test('a payload type has the same parameters in every section', () => {
    const { media } = answer(offer(simulcastSection, receiveSection), (section) => {
      const codec = codecOf(section, 'VP8');
      return codec && { stream: { ssrc: 77, cname: 'PA_x', streamId: 'PA_x|TR_y', trackId: 'TR_y' }, codec };
    });
    const parameters = ['1', '2'].map((id) => /a=fmtp:96 .*/.exec(media.get(id) ?? '')?.[0]);
    expect(parameters).toEqual(['a=fmtp:96 x-google-start-bitrate=2000', 'a=fmtp:96 x-google-start-bitrate=2000']);
  });

  test('a section that was stopped, or that has nothing usable, is rejected and left out of the bundle', () => {
    const stopped = [video.replace(' 9 ', ' 0 '), 'a=mid:1', 'a=inactive', ...videoCodecs];
    const alien = ['m=video 9 UDP/TLS/RTP/SAVPF 45', 'a=mid:2', 'a=sendonly', 'a=rtpmap:45 AV1/90000'];
    const { head, media } = answer(offer(dataSection, stopped, alien));
    expect(head).toContain('a=group:BUNDLE 0\r\n');
    expect(media.get('1')).toContain('m=video 0 ');
    expect(media.get('2')).toContain('m=video 0 ');
  });
});

import { describe, expect, test } from '@jest/globals';
import { withBitrates } from './sdp.js';

const head = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0'];
const audio = ['m=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=sendrecv', 'a=rtpmap:111 opus/48000/2'];
const video = (direction: string, ...lines: string[]) => ['m=video 9 UDP/TLS/RTP/SAVPF 96 97 102', direction, ...lines];
const sdp = (...sections: string[][]) => [...head, ...sections.flat(), ''].join('\r\n');

const codecs = [
  'a=rtpmap:96 VP8/90000',
  'a=rtcp-fb:96 nack',
  'a=rtpmap:97 rtx/90000',
  'a=fmtp:97 apt=96',
  'a=rtpmap:102 H264/90000',
  'a=fmtp:102 packetization-mode=1',
];

describe('the bitrates in an answer', () => {
  test.each(['a=sendrecv', 'a=recvonly'])('each codec of received video, no repair: %s', (direction) => {
    const hint = 'x-google-start-bitrate=2000;x-google-max-bitrate=3500';
    expect(withBitrates(sdp(audio, video(direction, ...codecs)), 3_500_000)).toBe(
      sdp(
        audio,
        video(
          direction,
          'a=rtpmap:96 VP8/90000',
          `a=fmtp:96 ${hint}`,
          'a=rtcp-fb:96 nack',
          'a=rtpmap:97 rtx/90000',
          'a=fmtp:97 apt=96',
          'a=rtpmap:102 H264/90000',
          `a=fmtp:102 packetization-mode=1;${hint}`,
        ),
      ),
    );
  });

  test('never starts above the limit', () => {
    expect(withBitrates(sdp(video('a=recvonly', 'a=rtpmap:96 VP8/90000')), 500_000)).toContain(
      'a=fmtp:96 x-google-start-bitrate=500;x-google-max-bitrate=500\r\n',
    );
  });

  test('leaves alone what the service does not receive, and what it has said itself', () => {
    const sent = sdp(audio, video('a=sendonly', ...codecs), video('a=inactive', ...codecs));
    expect(withBitrates(sent, 2_000_000)).toBe(sent);
    const said = sdp(video('a=recvonly', 'a=rtpmap:96 VP8/90000', 'a=fmtp:96 x-google-start-bitrate=900'));
    expect(withBitrates(said, 2_000_000)).toBe(said);
  });

  test('text that is no SDP passes', () => {
    expect(withBitrates('', 1)).toBe('');
    expect(withBitrates('hello\nm=video', 1)).toBe('hello\nm=video');
  });
});

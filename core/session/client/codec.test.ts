// What is sent where the platform works with one codec only.
import { playSession } from '../../../testkit/session-stage.js';

it.each([
  ['is asked for', {}, 'vp8'],
  ["the caller's own choice wins", { queryParams: { livekit_server_codec: 'h264' } }, 'h264'],
])('the codec %s, in the URL and in what is published', (_name, more, codec) => {
  playSession(
    ({ at, connect, goLive, network, realtime }) => {
      const realtimeConfiguration = { media: { video: { preferredCodec: 'h264' } } } as const;
      at(0, () => connect({ realtimeConfiguration, ...more }));
      at(1, () => goLive());
      at(2, () => {
        const url = new URL(network.sockets[0]?.url ?? '');
        expect(url.searchParams.getAll('livekit_server_codec')).toEqual([codec]);
        expect(network.rooms[0]?.request.publish.preferredCodec).toBe(codec);
        void realtime.disconnect();
      });
    },
    { platform: () => ({ requiredCodec: 'vp8' }) },
  );
});

it('nothing is asked for elsewhere', () => {
  playSession(({ at, connect, network, realtime }) => {
    at(0, () => connect());
    at(1, () => {
      expect(network.sockets[0]?.url).not.toContain('livekit_server_codec');
      void realtime.disconnect();
    });
  });
});

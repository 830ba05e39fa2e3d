import { playSession } from '../../../testkit/session-stage.js';
import { createMemoryTrack } from '../../../transports/memory/index.js';

describe('replaceVideoTrack', () => {
  it('is published now, and by the rooms that come', async () => {
    const results: Promise<void>[] = [];
    const track = createMemoryTrack('video');
    playSession(({ at, connect, goLive, network, realtime }) => {
      at(0, () => results.push(realtime.replaceVideoTrack(track)));
      at(1, () => connect());
      at(2, () => goLive());
      at(3, () => results.push(realtime.replaceVideoTrack(track)));
      at(4, () => expect(network.rooms[0]?.replacedTracks).toEqual([track]));
      at(5, () => network.sockets[0]?.closeByServer(1006));
      at(6, () => goLive());
      at(7, () => {
        expect(network.rooms[1]?.request.videoTrack).toBe(track);
        void realtime.disconnect();
      });
    });
    expect(await Promise.allSettled(results)).toMatchObject([
      { reason: { code: 'WEBRTC_SIGNALING_ERROR' } },
      { status: 'fulfilled' },
    ]);
  });
});

// Sessions one after the other on a page, by decart-rx or by livekit-client alone: connect, one frame, disconnect.
import { createDecartClient } from 'decart-rx/browser';
import { Room, RoomEvent, setLogLevel } from 'livekit-client';

setLogLevel('silent');
const video = document.createElement('video');
video.muted = true;
video.playsInline = true;
document.body.append(video);
const publish = { videoCodec: 'vp8', simulcast: true, videoEncoding: { maxBitrate: 2e6, maxFramerate: 30 } };

const oneFrame = () => new Promise((resolve) => video.requestVideoFrameCallback(resolve));

const clients = {
  'decart-rx': (config) => {
    const { realtime } = createDecartClient(config);
    return async (camera) => {
      const remote = await realtime.connect({ model: 'lucy-2.1' }, camera);
      const frame = oneFrame();
      remote.attach(video);
      await frame;
      await realtime.disconnect();
    };
  },
  floor:
    ({ baseUrl, apiKey }) =>
    async (camera) => {
      const socket = new WebSocket(`${baseUrl}/v1/stream?api_key=${apiKey}&model=lucy-2.1`);
      const answer = await new Promise((resolve, reject) => {
        socket.onopen = () => socket.send(JSON.stringify({ type: 'livekit_join', passthrough: true }));
        socket.onerror = reject;
        socket.onmessage = ({ data }) => {
          const message = JSON.parse(data);
          if (message.type === 'livekit_room_info') resolve(message);
        };
      });
      const room = new Room({ stopLocalTrackOnUnpublish: false });
      const frame = oneFrame();
      room.on(RoomEvent.TrackSubscribed, (track) => {
        video.srcObject = new MediaStream([track.mediaStreamTrack]);
        video.play().catch(() => undefined);
      });
      await room.connect(answer.livekit_url, answer.token);
      await room.localParticipant.publishTrack(camera.getVideoTracks()[0], publish);
      await frame;
      await room.disconnect(false);
      const closed = new Promise((resolve) => {
        socket.onclose = resolve;
      });
      socket.close();
      await closed;
      video.srcObject = null;
    },
};

globalThis.prepare = async (name, config) => {
  const cycle = clients[name](config);
  const camera = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 180, frameRate: 15 } });
  globalThis.cycle = async (times) => {
    for (let time = 0; time < times; time += 1) await cycle(camera);
  };
};
globalThis.isReady = true;

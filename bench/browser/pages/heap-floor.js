// The least that a session takes: a raw WebSocket and a raw room, both closed again.
import { Room, RoomEvent, setLogLevel } from 'livekit-client';
import { camera, framesIn, video } from './heap-shared.js';

setLogLevel('silent');
globalThis.cycle = async ({ baseUrl, apiKey }) => {
  const stream = await camera();
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
  const subscribed = new Promise((resolve) => room.on(RoomEvent.TrackSubscribed, resolve));
  await room.connect(answer.livekit_url, answer.token);
  const options = { videoCodec: 'vp8', simulcast: true, videoEncoding: { maxBitrate: 2e6, maxFramerate: 30 } };
  await room.localParticipant.publishTrack(stream.getVideoTracks()[0], options);
  video.srcObject = new MediaStream([(await subscribed).mediaStreamTrack]);
  video.play().catch(() => undefined);
  await framesIn(video, 3);
  video.srcObject = null;
  await room.disconnect(false);
  const closed = new Promise((resolve) => {
    socket.onclose = resolve;
  });
  socket.close();
  await closed;
};
globalThis.isReady = true;

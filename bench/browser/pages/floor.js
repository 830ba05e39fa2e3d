// The least that a session takes: a raw WebSocket and a raw room. It warms nothing up and keeps no state.
import { Room, RoomEvent, setLogLevel } from 'livekit-client';
import { offer, show } from './shared.js';

setLogLevel('silent');
offer((config) => (camera) => connect(config, camera));

async function connect({ baseUrl, apiKey, codec }, camera) {
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
  room.on(RoomEvent.TrackSubscribed, (track) => show(new MediaStream([track.mediaStreamTrack])));
  socket.onclose = async () => {
    room.disconnect(false);
    await connect({ baseUrl, apiKey, codec }, camera);
  };
  await room.connect(answer.livekit_url, answer.token);
  const options = { videoCodec: codec, simulcast: true, videoEncoding: { maxBitrate: 2e6, maxFramerate: 30 } };
  await room.localParticipant.publishTrack(camera.getVideoTracks()[0], options);
}

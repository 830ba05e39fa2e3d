// The least that a session takes: a raw WebSocket and a raw room. It warms nothing up and keeps no state.
import { offer, show } from './shared.js';

/** `load` gives livekit-client, or what is used of it. */
export const offerFloor = (load) => offer((config) => (camera) => connect(load, config, camera));

async function connect(load, { baseUrl, apiKey, codec }, camera) {
  const socket = new WebSocket(`${baseUrl}/v1/stream?api_key=${apiKey}&model=lucy-2.1`);
  const answered = new Promise((resolve, reject) => {
    socket.onopen = () => socket.send(JSON.stringify({ type: 'livekit_join', passthrough: true }));
    socket.onerror = reject;
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === 'livekit_room_info') resolve(message);
    };
  });
  const { Room, RoomEvent, setLogLevel } = await load();
  setLogLevel('silent');
  const { livekit_url, token } = await answered;
  const room = new Room({ stopLocalTrackOnUnpublish: false });
  room.on(RoomEvent.TrackSubscribed, (track) => show(new MediaStream([track.mediaStreamTrack])));
  socket.onclose = async () => {
    room.disconnect(false);
    await connect(load, { baseUrl, apiKey, codec }, camera);
  };
  await room.connect(livekit_url, token);
  const options = { videoCodec: codec, simulcast: true, videoEncoding: { maxBitrate: 2e6, maxFramerate: 30 } };
  await room.localParticipant.publishTrack(camera.getVideoTracks()[0], options);
}

// The least that a program without this package has to do for its first remote frame: the same handshake, a raw
// WebSocket, and @livekit/rtc-node by hand. It handles no error, no loss and no second attempt.
import {
  LocalVideoTrack,
  Room,
  RoomEvent,
  TrackPublishOptions,
  TrackSource,
  VideoBufferType,
  VideoCodec,
  VideoFrame,
  VideoSource,
  VideoStream,
} from '@livekit/rtc-node';
import WebSocket from 'ws';

/**
 * @param {{ baseUrl: string, apiKey: string, model: { name: string, urlPath: string, width: number, height: number, fps: number } }} service
 * @returns {Promise<{ firstFrameMs: number, close(): Promise<void> }>}
 */
export async function connectByHand({ baseUrl, apiKey, model }) {
  const beganMs = performance.now();
  const { width, height, fps } = model;
  const query = new URLSearchParams({ api_key: apiKey, model: model.name });
  const socket = new WebSocket(`${baseUrl}${model.urlPath}?${query}`);
  const roomInfo = new Promise((resolve) => {
    socket.on('open', () => socket.send(JSON.stringify({ type: 'livekit_join', passthrough: true })));
    socket.on('message', (data) => {
      const message = JSON.parse(String(data));
      if (message.type === 'livekit_room_info') resolve(message);
    });
  });

  const source = new VideoSource(width, height);
  const track = LocalVideoTrack.createVideoTrack('camera', source);
  const data = new Uint8Array((width * height * 3) / 2).fill(128);
  let frames = 0;
  const send = () => {
    // Something that moves, so that the encoder has its usual work.
    data.fill(frames % 2 === 0 ? 60 : 200, ((frames * 4) % height) * width, (((frames * 4) % height) + 4) * width);
    frames += 1;
    source.captureFrame(new VideoFrame(data, width, height, VideoBufferType.I420));
  };
  send();
  const sending = setInterval(send, 1_000 / fps);

  const room = new Room();
  let reader = null;
  const firstFrame = new Promise((resolve) => {
    room.on(RoomEvent.TrackSubscribed, (remoteTrack, _publication, participant) => {
      if (!participant.identity.startsWith('inference-server-') || reader !== null) return;
      reader = new VideoStream(remoteTrack).getReader();
      const drain = async () => {
        for (;;) {
          const { done } = await reader.read();
          if (done) return;
          resolve(performance.now());
        }
      };
      drain();
    });
  });
  const { livekit_url: url, token } = await roomInfo;
  await room.connect(url, token, { autoSubscribe: true, dynacast: false });
  await room.localParticipant.publishTrack(
    track,
    new TrackPublishOptions({
      source: TrackSource.SOURCE_CAMERA,
      videoCodec: VideoCodec.VP8,
      simulcast: true,
      videoEncoding: { maxBitrate: 2_000_000n, maxFramerate: fps },
    }),
  );
  const firstFrameMs = (await firstFrame) - beganMs;
  return {
    firstFrameMs,
    async close() {
      clearInterval(sending);
      await reader.cancel();
      await track.close(true);
      await room.disconnect();
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.close();
      await closed;
    },
  };
}

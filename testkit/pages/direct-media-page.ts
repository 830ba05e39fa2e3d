// The page in which the conformance of direct WebRTC runs: both ends are in it.
import { asyncDispose } from '../../core/ports/streams.js';
import type { PublishableStream } from '../../transports/media/browser/local-stream.js';
import type { BrowserRemoteStream } from '../../transports/media/browser/remote-stream.js';
import { createDirectBrowserTransport } from '../../transports/webrtc/browser/index.js';
import { type DirectPlatform, directHarness } from '../conformance/direct-stage.js';
import { mediaConformance } from '../conformance/media.js';

const peers = new Set<RTCPeerConnection>();
const Original = RTCPeerConnection;
globalThis.RTCPeerConnection = new Proxy(Original, {
  construct(Target, args: ConstructorParameters<typeof RTCPeerConnection>) {
    const peer = new Target(...args);
    peers.add(peer);
    return peer;
  },
});

async function start(): Promise<DirectPlatform<PublishableStream, BrowserRemoteStream>> {
  const stops: (() => void)[] = [];
  const before = new Set(peers);
  const open = () => [...peers].filter((peer) => !before.has(peer) && peer.connectionState !== 'closed');
  const draw = (): MediaStreamTrack => {
    const canvas = document.createElement('canvas');
    canvas.width = 320;
    canvas.height = 180;
    const context = canvas.getContext('2d');
    let frame = 0;
    const timer = setInterval(() => {
      frame += 1;
      if (!context) return;
      context.fillStyle = `hsl(${frame * 5} 80% 50%)`;
      context.fillRect(0, 0, canvas.width, canvas.height);
    }, 50);
    const [track] = canvas.captureStream(20).getVideoTracks();
    if (!track) throw new Error('The canvas gave no track.');
    stops.push(() => {
      clearInterval(timer);
      track.stop();
    });
    return track;
  };
  return {
    transport: createDirectBrowserTransport(),
    createFarPeer: () => new Original(),
    createFarTrack: draw,
    createLocalStream() {
      const videoTrack = draw();
      const dispose = async (): Promise<void> => videoTrack.stop();
      const mediaStream = new MediaStream([videoTrack]);
      return { id: 'stream-local', videoTrack, audioTrack: null, mediaStream, dispose, [asyncDispose]: dispose };
    },
    isUsable: ({ videoTrack }) => videoTrack?.readyState === 'live' && videoTrack.enabled,
    createVideoTrack: draw,
    isSent: (track) => open().some((peer) => peer.getSenders().some((sender) => sender.track === track)),
    async idle() {
      if (open().length > 0) throw new Error(`${open().length} peer connections are still open.`);
    },
    async stop() {
      for (const stop of stops) stop();
    },
  };
}

const cases = mediaConformance(directHarness(start));

Object.assign(globalThis, {
  conformance: {
    names: cases.map(({ name }) => name),
    run: (name: string) => cases.find((one) => one.name === name)?.run(),
  },
  isReady: true,
});

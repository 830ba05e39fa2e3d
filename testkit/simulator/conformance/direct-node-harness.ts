import { runInThisContext } from 'node:vm';
import type { NodeLocalStream, NodeVideoTrack } from '../../../transports/media/node/local-stream.js';
import type { NodeRemoteStream } from '../../../transports/media/node/remote-stream.js';
import { createDirectNodeTransport } from '../../../transports/webrtc/node/index.js';
import { loadNodeWebRtc, type NodeWebRtc } from '../../../transports/webrtc/node/native.js';
import { directHarness } from '../../conformance/direct-stage.js';
import type { MediaHarness } from '../../conformance/media-stage.js';
import { createCallersStream, createCountedTrack, type ReaderCounts } from './node-video.js';

/** Loads the library in a test runner that gives tests a `process` of their own, whose hooks are never called. */
export async function loadForTests(): Promise<NodeWebRtc> {
  const real = runInThisContext('process') as NodeJS.Process;
  if (real !== process && !real.listeners('exit').includes(exitAtOnce)) real.on('exit', exitAtOnce);
  return loadNodeWebRtc();
}

/** What the transport does on exit, on the real process: the native library crashes as it is torn down. */
const exitAtOnce = (code: number): void => (runInThisContext('process') as NodeJS.Process).exit(code);

/** Plays the service beside the Node transport, in the same process. */
export function directNodeHarness(): MediaHarness<NodeLocalStream, NodeRemoteStream> {
  return directHarness(async () => {
    const wrtc = await loadForTests();
    const opened: RTCPeerConnection[] = [];
    const counted: NodeWebRtc = {
      ...wrtc,
      RTCPeerConnection: new Proxy(wrtc.RTCPeerConnection, {
        construct(Target, args: ConstructorParameters<typeof RTCPeerConnection>) {
          const peer = new Target(...args);
          opened.push(peer);
          return peer;
        },
      }),
    };
    const transport = createDirectNodeTransport({ load: async () => counted });
    const readers: ReaderCounts = new Map();
    const timers: NodeJS.Timeout[] = [];

    const drawFar = (): MediaStreamTrack => {
      const source = new wrtc.nonstandard.RTCVideoSource();
      const [width, height] = [320, 180];
      const data = new Uint8Array((width * height * 3) / 2).fill(128);
      let frame = 0;
      timers.push(
        setInterval(() => {
          frame += 1;
          data.fill((frame * 5) & 255, 0, width * height);
          source.onFrame({ width, height, data });
        }, 50),
      );
      return source.createTrack();
    };

    return {
      transport,
      createFarPeer: () => new wrtc.RTCPeerConnection(),
      createFarTrack: drawFar,
      createLocalStream: () => createCallersStream(readers),
      isUsable: (stream) => !(stream as ReturnType<typeof createCallersStream>).disposed,
      createVideoTrack: () => createCountedTrack(readers),
      isSent: (track) => (readers.get(track as NodeVideoTrack) ?? 0) > 0,
      async idle() {
        const open = opened.filter(({ connectionState }) => connectionState !== 'closed');
        if (open.length > 0) throw new Error(`${open.length} peer connections are still open.`);
        const reading = [...readers.values()].reduce((sum, count) => sum + count, 0);
        if (reading > 0) throw new Error(`${reading} readers of local video are still open.`);
      },
      async stop() {
        for (const timer of timers) clearInterval(timer);
        await transport.release();
      },
    };
  });
}

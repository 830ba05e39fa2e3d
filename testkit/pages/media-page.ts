// The page in which the media conformance runs: transport, observer and other participants are all in it.
import type { Room } from 'livekit-client';
import type { PublishOptions, RoomRequest } from '../../core/ports/media.js';
import { asyncDispose } from '../../core/ports/streams.js';
import {
  type BrowserRemoteStream,
  createLiveKitBrowserTransport,
  type PublishableStream,
} from '../../transports/livekit/browser/index.js';
import { mediaConformance } from '../conformance/media.js';
import type { MediaHarness } from '../conformance/media-stage.js';

/** What the test gives the page. */
interface Server {
  createRoom(): Promise<{ url: string; room: string }>;
  token(room: string, identity: string, isValid: boolean): Promise<string>;
  kick(room: string, identity: string): Promise<void>;
}
declare const server: Server;

const CLIENT = 'client-under-test';
const PUBLISH: PublishOptions = {
  preferredCodec: 'vp8',
  backupCodec: null,
  maxBitrate: 1_000_000,
  maxFramerate: 30,
  simulcast: false,
  degradationPreference: 'balanced',
};

const peers = new Set<RTCPeerConnection>();
globalThis.RTCPeerConnection = new Proxy(RTCPeerConnection, {
  construct(Target, args: ConstructorParameters<typeof RTCPeerConnection>) {
    const peer = new Target(...args);
    peers.add(peer);
    return peer;
  },
});

interface Drawn {
  readonly track: MediaStreamTrack;
  stop(): void;
}

function drawTrack(): Drawn {
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
  return {
    track,
    stop: () => {
      clearInterval(timer);
      track.stop();
    },
  };
}

const harness: MediaHarness<PublishableStream, BrowserRemoteStream> = {
  async start() {
    const { Room, RoomEvent, setLogLevel } = await import('livekit-client');
    setLogLevel('silent');
    const { url, room } = await server.createRoom();
    const transport = createLiveKitBrowserTransport();
    const [token, refused] = await Promise.all([server.token(room, CLIENT, true), server.token(room, CLIENT, false)]);
    const drawn: Drawn[] = [];
    const others = new Set<Room>();
    const join = async (identity: string, autoSubscribe: boolean): Promise<Room> => {
      const other = new Room();
      others.add(other);
      await other.connect(url, await server.token(room, identity, true), { autoSubscribe });
      return other;
    };
    // Sees what the server shows of the client.
    const observer = await join('observer', false);
    const before = new Set(peers);
    const untilSeen = (isTrue: () => boolean): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!isTrue()) return;
          for (const event of events) observer.off(event, look);
          resolve();
        };
        const { TrackPublished, TrackUnpublished, ParticipantDisconnected, ParticipantConnected } = RoomEvent;
        const events = [TrackPublished, TrackUnpublished, ParticipantDisconnected, ParticipantConnected] as const;
        for (const event of events) observer.on(event, look);
        look();
      });
    const published = () => [...(observer.remoteParticipants.get(CLIENT)?.trackPublications.values() ?? [])];
    const draw = (): MediaStreamTrack => {
      const one = drawTrack();
      drawn.push(one);
      return one.track;
    };
    const request = (localStream: PublishableStream | null, bearer: string): RoomRequest<PublishableStream> => ({
      url,
      token: bearer,
      localStream,
      videoTrack: null,
      publish: PUBLISH,
      onMarker: null,
    });
    const own = (): RTCPeerConnection[] => [...peers].filter((peer) => !before.has(peer) && !isOthers(peer));
    const othersPeers = new Set<RTCPeerConnection>();
    const isOthers = (peer: RTCPeerConnection): boolean => othersPeers.has(peer);

    return {
      transport,
      // A busy machine is no reason to fail.
      limitMs: 30_000,
      request: (localStream) => request(localStream, token),
      refusedRequest: () => request(null, refused),
      async createLocalStream() {
        const videoTrack = draw();
        const dispose = async (): Promise<void> => videoTrack.stop();
        return {
          id: 'stream-local',
          videoTrack,
          audioTrack: null,
          mediaStream: new MediaStream([videoTrack]),
          dispose,
          [asyncDispose]: dispose,
        };
      },
      isUsable: ({ videoTrack }) => videoTrack?.readyState === 'live' && videoTrack.enabled,
      createVideoTrack: async () => draw(),
      isSent: (track) =>
        own()
          .filter(({ connectionState }) => connectionState !== 'closed')
          .some((peer) => peer.getSenders().some((sender) => sender.track === track)),
      async enter(identity) {
        const known = new Set(peers);
        const participant = await join(identity, false);
        for (const peer of peers) if (!known.has(peer)) othersPeers.add(peer);
        await participant.localParticipant.publishTrack(draw(), { simulcast: false });
        return {
          leave: async () => {
            others.delete(participant);
            await participant.disconnect();
          },
        };
      },
      async publishedKinds() {
        await untilSeen(() => published().length > 0);
        return published().map(({ kind }) => (kind === 'audio' ? 'audio' : 'video'));
      },
      kick: () => server.kick(room, CLIENT),
      async idle() {
        await untilSeen(() => !observer.remoteParticipants.has(CLIENT));
        const open = own().filter(({ connectionState }) => connectionState !== 'closed');
        if (open.length > 0) throw new Error(`${open.length} peer connections are still open.`);
      },
      async stop() {
        for (const other of others) await other.disconnect();
        for (const one of drawn) one.stop();
      },
    };
  },
};

const cases = mediaConformance(harness);

Object.assign(globalThis, {
  conformance: {
    names: cases.map(({ name }) => name),
    run: (name: string) => cases.find((one) => one.name === name)?.run(),
  },
  isReady: true,
});

import type { MediaTransport, RoomRequest } from '../../core/ports/media.js';
import {
  createMemoryLocalStream,
  createMemoryNetwork,
  createMemoryTrack,
  type MemoryLocalStream,
  type MemoryNetwork,
  type MemoryRemoteStream,
  type MemoryRoom,
  type MemorySocket,
} from '../../transports/memory/index.js';
import { Mailbox } from './mailbox.js';
import type { MediaHarness } from './media-stage.js';
import type { SignalingHarness, StagedConnection } from './signaling-stage.js';

/** Plays the server for a transport in memory; by default, for that of a fresh network. */
export function memorySignalingHarness(
  wrap: (transport: MemoryNetwork['signaling']) => MemoryNetwork['signaling'] = (transport) => transport,
  limitMs = 1_000,
): SignalingHarness {
  return {
    async start() {
      const connections = new Mailbox<StagedConnection>();
      const network = createMemoryNetwork({ onSocket: (socket) => connections.put(stagedConnection(socket)) });
      return {
        transport: wrap(network.signaling),
        url: 'memory://server/v1/stream',
        unreachableUrl: null,
        tellsHttpStatus: true,
        connectionCount: () => network.sockets.length,
        nextConnection: () => connections.take(),
        idle: async () => {
          if (network.open.sockets > 0) throw new Error(`${network.open.sockets} sockets are still open.`);
        },
        stop: async () => undefined,
        limitMs,
      };
    },
  };
}

function stagedConnection(socket: MemorySocket): StagedConnection {
  const frames = new Mailbox<string>();
  const closed = new Promise<void>((resolve) => {
    socket.received$.subscribe({ next: (frame) => frames.put(frame), complete: resolve });
  });
  return {
    url: socket.url,
    accept: () => socket.accept(),
    refuse: (httpStatus) => socket.refuse(httpStatus),
    send: (frame) => socket.deliver(frame),
    close: (code, reason) => socket.closeByServer(code, reason),
    drop: () => socket.closeByServer(1006),
    stall: null,
    nextFrame: () => frames.take(),
    closed,
  };
}

const GOOD_TOKEN = 'a token that is granted';

/** Plays the room for the media transport in memory; by default, for that of a fresh network. */
export function memoryMediaHarness(
  wrap: (transport: MemoryNetwork['media']) => MemoryNetwork['media'] = (transport) => transport,
  limitMs = 1_000,
): MediaHarness<MemoryLocalStream, MemoryRemoteStream> {
  return {
    async start() {
      const participants = new Set<string>();
      let room: MemoryRoom | null = null;
      const network = createMemoryNetwork({
        onRoom: (joined) => {
          room = joined;
          if (joined.request.token !== GOOD_TOKEN) {
            joined.fail({ code: 'WEBRTC_ICE_ERROR', message: 'The token was refused.', permanent: true });
            return;
          }
          for (const identity of participants) joined.publishRemote(identity);
          joined.accept();
          if (joined.stream) joined.firstFrame();
        },
      });
      const request = (localStream: MemoryLocalStream | null, token: string): RoomRequest<MemoryLocalStream> => ({
        url: 'memory://room',
        token,
        localStream,
        videoTrack: null,
        publish: {
          preferredCodec: 'vp8',
          backupCodec: null,
          maxBitrate: 2_000_000,
          maxFramerate: 30,
          simulcast: true,
          degradationPreference: 'balanced',
        },
        onMarker: null,
      });
      return {
        // Its local streams are any; here they are those of the memory.
        transport: wrap(network.media) as MediaTransport<MemoryLocalStream, MemoryRemoteStream>,
        request: (localStream) => request(localStream, GOOD_TOKEN),
        refusedRequest: () => request(null, 'a token that is refused'),
        createLocalStream: async () => createMemoryLocalStream({ video: true }),
        isUsable: (stream) => !stream.disposed && stream.videoTrack?.live === true,
        createVideoTrack: async () => createMemoryTrack('video'),
        enter: async (identity) => {
          participants.add(identity);
          room?.publishRemote(identity);
          if (room?.state === 'published' && identity.startsWith('inference-server-')) room.firstFrame();
          return {
            leave: async () => {
              participants.delete(identity);
              room?.unpublishRemote(identity);
            },
          };
        },
        publishedKinds: async () => [
          ...(room?.videoTrack ? ['video' as const] : []),
          ...(room?.request.localStream?.audioTrack ? ['audio' as const] : []),
        ],
        isSent: (track) => track === room?.videoTrack,
        kick: async () => room?.lose({ code: 'WEBRTC_ICE_ERROR', message: 'The server ended the stay.' }),
        idle: async () => {
          const { rooms, streams } = network.open;
          if (rooms + streams > 0) throw new Error(`${rooms} rooms and ${streams} streams are still open.`);
        },
        stop: async () => undefined,
        limitMs,
      };
    },
  };
}

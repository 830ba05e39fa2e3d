import { filter, tap } from 'rxjs';
import type { DirectRequest, MediaRequest, MediaTransport, PeerSignal } from '../../core/ports/media.js';
import type { LocalStream } from '../../core/ports/streams.js';
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
  limitMs = 30_000,
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

const PUBLISH: MediaRequest['publish'] = {
  preferredCodec: 'vp8',
  backupCodec: null,
  maxBitrate: 2_000_000,
  maxFramerate: 30,
  simulcast: true,
  degradationPreference: 'balanced',
};

type MemoryMedia = MediaTransport<MemoryLocalStream, MemoryRemoteStream, MediaRequest<MemoryLocalStream>>;

/** How a client comes into a room in memory. */
interface WayIn {
  transport(network: MemoryNetwork): MemoryMedia;
  request(localStream: MemoryLocalStream | null, isGranted: boolean): MediaRequest<MemoryLocalStream>;
  /** Calls `come` when the client may come in, `refuse` when it may not. */
  knock(room: MemoryRoom, come: () => void, refuse: () => void): void;
}

/** Plays the room for the media transport in memory; by default, for that of a fresh network. */
export const memoryMediaHarness = (
  wrap: (transport: MemoryNetwork['media']) => MemoryNetwork['media'] = (transport) => transport,
  limitMs = 30_000,
): MediaHarness<MemoryLocalStream, MemoryRemoteStream> =>
  harnessOf(
    {
      // Its local streams are any; here they are those of the memory.
      transport: ({ media }) => wrap(media) as MemoryMedia,
      request: (localStream, isGranted) => ({
        url: 'memory://room',
        token: isGranted ? GOOD_TOKEN : 'a token that is refused',
        ...{ localStream, videoTrack: null, publish: PUBLISH, onMarker: null },
      }),
      knock: ({ request }, come, refuse) => (request.token === GOOD_TOKEN ? come() : refuse()),
    },
    limitMs,
  );

/** An ICE server whose name marks a request that the service does not answer with a description. */
const REFUSED: DirectRequest['iceServers'] = [{ urls: 'stun:127.0.0.1:9' }];

/** The same for peer connections in memory: the offer is answered, and then the client is in. */
export const memoryDirectHarness = (limitMs = 30_000): MediaHarness<MemoryLocalStream, MemoryRemoteStream> =>
  harnessOf(
    {
      transport: ({ directMedia }) => ({
        join(request) {
          const direct = request as MediaRequest<MemoryLocalStream> as DirectRequest<MemoryLocalStream>;
          const room = (directMedia as MediaTransport<LocalStream, MemoryRemoteStream, DirectRequest>).join(direct);
          const answer: PeerSignal = { type: 'answer', sdp: direct.iceServers === REFUSED ? 'no' : 'v=0' };
          // What the port says of the order of events, it says of the others.
          const events$ = room.events$.pipe(
            tap((event) => event.type === 'signal' && event.signal.type === 'offer' && room.receive?.(answer)),
            filter(({ type }) => type !== 'signal'),
          );
          return { ...room, events$ };
        },
      }),
      request: (localStream, isGranted): DirectRequest<MemoryLocalStream> => ({
        ...{ localStream, videoTrack: null, publish: PUBLISH, onMarker: null },
        iceServers: isGranted ? [] : REFUSED,
        playsAudio: false,
      }),
      knock(room, come, refuse) {
        room.signals$.subscribe((signal) => {
          if (signal.type !== 'answer') return;
          if (signal.sdp === 'no') refuse();
          else come();
        });
        room.signal({ type: 'offer', sdp: 'v=0' });
      },
    },
    limitMs,
  );

const harnessOf = (way: WayIn, limitMs: number): MediaHarness<MemoryLocalStream, MemoryRemoteStream> => ({
  addsTracks: true,
  async start() {
    const participants = new Set<string>();
    let room: MemoryRoom | null = null;
    const network = createMemoryNetwork({
      onRoom: (joined) => {
        room = joined;
        const come = (): void => {
          for (const identity of participants) joined.publishRemote(identity);
          joined.accept();
          if (joined.stream) joined.firstFrame();
        };
        const refuse = (): void =>
          joined.fail({ code: 'WEBRTC_ICE_ERROR', message: 'The client was refused.', permanent: true });
        way.knock(joined, come, refuse);
      },
    });
    return {
      transport: way.transport(network),
      request: (localStream) => way.request(localStream, true),
      refusedRequest: () => way.request(null, false),
      createLocalStream: async () => createMemoryLocalStream({ video: true }),
      isUsable: (stream) => !stream.disposed && stream.videoTrack?.live === true,
      createVideoTrack: async () => createMemoryTrack('video'),
      enter: async (identity) => {
        participants.add(identity);
        room?.publishRemote(identity);
        if (room?.state === 'published' && identity.startsWith('inference-server-')) room.firstFrame();
        return {
          addAudio: async () => void room?.publishRemote(identity, 'audio'),
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
      isLive: ({ disposed, videoTrack, audioTrack }) =>
        !disposed && [videoTrack, audioTrack].every((track) => track?.live !== false),
      kick: async () => room?.lose({ code: 'WEBRTC_ICE_ERROR', message: 'The server ended the stay.' }),
      idle: async () => {
        const { rooms, streams } = network.open;
        if (rooms + streams > 0) throw new Error(`${rooms} rooms and ${streams} streams are still open.`);
      },
      stop: async () => undefined,
      limitMs,
    };
  },
});

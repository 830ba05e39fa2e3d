// The service's end of direct WebRTC, played by a peer connection beside the one that is proven.
import { defer, filter, tap } from 'rxjs';
import type {
  DirectRequest,
  MediaRequest,
  MediaRoom,
  MediaTransport,
  PeerSignal,
  RoomEvent,
} from '../../core/ports/media.js';
import type { LocalStream, RemoteStream } from '../../core/ports/streams.js';
import type { MediaHarness } from './media-stage.js';
import { INFERENCE } from './media-visit.js';

/** What a platform has to give, for its transport to be proven. */
export interface DirectPlatform<L extends LocalStream, R extends RemoteStream> {
  readonly transport: MediaTransport<L, R, DirectRequest<L>>;
  createFarPeer(): RTCPeerConnection;
  /** A moving picture for the far end to send. */
  createFarTrack(): MediaStreamTrack;
  createLocalStream(): L;
  isUsable(stream: L): boolean;
  createVideoTrack(): unknown;
  isSent(track: unknown): boolean;
  /** Rejects when something of the transport is still open. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

const PUBLISH: MediaRequest['publish'] = {
  preferredCodec: 'vp8',
  backupCodec: null,
  maxBitrate: 1_000_000,
  maxFramerate: 30,
  simulcast: false,
  degradationPreference: 'balanced',
};

/** No server outside of this machine is asked for anything. */
const NO_SERVERS: DirectRequest['iceServers'] = [];
/** An ICE server whose name marks a request that the far end refuses. Its port is one that Firefox does not block. */
const REFUSED: DirectRequest['iceServers'] = [{ urls: 'stun:127.0.0.1:3478' }];

/** Plays the service for a platform's direct transport. */
export function directHarness<L extends LocalStream, R extends RemoteStream>(
  start: () => Promise<DirectPlatform<L, R>>,
): MediaHarness<L, R> {
  return {
    hasOneFarEnd: true,
    async start() {
      const platform = await start();
      const ends = new Set<FarEnd>();
      let isSending = false;
      let latest: FarEnd | null = null;
      const request = (localStream: L | null, iceServers = NO_SERVERS): DirectRequest<L> => ({
        localStream,
        videoTrack: null,
        publish: PUBLISH,
        onMarker: null,
        iceServers,
        playsAudio: false,
      });
      const join = (asked: MediaRequest<L>): MediaRoom<R> => {
        const direct = asked as DirectRequest<L>;
        const room = platform.transport.join(direct);
        let far: FarEnd | null = null;
        const farEnd = (): FarEnd => {
          if (far !== null) return far;
          far = new FarEnd(platform, (signal) => room.receive?.(signal), direct.iceServers === REFUSED);
          ends.add(far);
          latest = far;
          if (isSending) far.send();
          return far;
        };
        let isFirst = true;
        const { events$ } = room;
        // A second subscriber receives `closed`, although the room is open.
        const played$ = defer(() => {
          const plays = isFirst;
          isFirst = false;
          return plays ? signalled$ : events$;
        });
        const signalled$ = events$.pipe(
          tap((event) => {
            if (event.type === 'signal') farEnd().receive(event.signal);
            if (event.type !== 'closed' || far === null) return;
            ends.delete(far);
            far.close();
          }),
        );
        return {
          ...room,
          // What the port says of the order of events, it says of the others.
          events$: played$.pipe(filter((event: RoomEvent<R>) => event.type !== 'signal')),
        };
      };
      return {
        transport: { join, preload: () => platform.transport.preload?.() },
        // A busy machine is no reason to fail.
        limitMs: 30_000,
        request: (localStream) => request(localStream),
        refusedRequest: () => request(null, REFUSED),
        createLocalStream: async () => platform.createLocalStream(),
        isUsable: (stream) => platform.isUsable(stream),
        createVideoTrack: async () => platform.createVideoTrack(),
        isSent: (track) => platform.isSent(track),
        async enter(identity) {
          if (identity !== INFERENCE) throw new Error('There is one far end only: the inference.');
          isSending = true;
          latest?.send();
          return { leave: async () => undefined };
        },
        publishedKinds: async () => latest?.receivedKinds() ?? [],
        kick: async () => latest?.hangUp(),
        idle: () => platform.idle(),
        async stop() {
          for (const far of ends) far.close();
          await platform.stop();
        },
      };
    },
  };
}

/** The service's peer connection. */
class FarEnd {
  readonly #peer: RTCPeerConnection;
  readonly #early: RTCIceCandidateInit[] = [];
  #offer = '';
  #track: MediaStreamTrack | null = null;
  #signals: Promise<void> = Promise.resolve();

  constructor(
    private readonly platform: Pick<DirectPlatform<never, never>, 'createFarPeer' | 'createFarTrack'>,
    private readonly emit: (signal: PeerSignal) => void,
    private readonly refuses: boolean,
  ) {
    this.#peer = platform.createFarPeer();
    this.#peer.onicecandidate = ({ candidate }) =>
      emit({ type: 'candidate', candidate: candidate && { ...candidate.toJSON() } });
  }

  receive(signal: PeerSignal): void {
    this.#signals = this.#signals
      .then(() => this.#answer(signal))
      .catch((error: unknown) => {
        // What is under way when it is closed fails.
        if (this.#peer.signalingState !== 'closed') throw error;
      });
  }

  /** Sends pictures, now or as soon as it has been asked for any. */
  send(): void {
    this.#track ??= this.platform.createFarTrack();
    void this.#videoSender()?.replaceTrack(this.#track);
  }

  /** The kinds of the tracks that the client sends. */
  receivedKinds(): ('video' | 'audio')[] {
    const sections = this.#offer.split(/^(?=m=)/m).slice(1);
    return sections
      .filter((section) => /^a=(sendrecv|sendonly)/m.test(section))
      .map((section) => (section.startsWith('m=audio') ? 'audio' : 'video'));
  }

  /** Ends the session so that the client notices at once: by a description that cannot be used. */
  hangUp(): void {
    this.emit({ type: 'offer', sdp: 'the session is over' });
  }

  close(): void {
    this.#peer.onicecandidate = null;
    this.#peer.close();
    this.#track?.stop();
  }

  #videoSender(): RTCRtpSender | undefined {
    return this.#peer.getTransceivers().find(({ receiver }) => receiver.track.kind === 'video')?.sender;
  }

  async #answer(signal: PeerSignal): Promise<void> {
    if (this.#peer.signalingState === 'closed') return;
    if (this.refuses) return this.emit({ type: 'answer', sdp: 'no' });
    if (signal.type === 'candidate') {
      if (signal.candidate === null) return;
      if (this.#offer === '') this.#early.push(signal.candidate);
      else await this.#peer.addIceCandidate(signal.candidate);
      return;
    }
    if (signal.type !== 'offer') return;
    this.#offer = signal.sdp;
    await this.#peer.setRemoteDescription({ type: 'offer', sdp: signal.sdp });
    for (const candidate of this.#early.splice(0)) await this.#peer.addIceCandidate(candidate);
    for (const transceiver of this.#peer.getTransceivers()) transceiver.direction = 'sendrecv';
    if (this.#track) this.send();
    const answer = await this.#peer.createAnswer();
    await this.#peer.setLocalDescription(answer);
    this.emit({ type: 'answer', sdp: answer.sdp ?? '' });
  }
}

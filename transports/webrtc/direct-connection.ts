import type { Failure } from '../../core/errors.js';
import type { DirectRequest, PeerSignal, RoomStats } from '../../core/ports/media.js';
import type { LocalStream, RemoteStream } from '../../core/ports/streams.js';
import { statsEntries } from '../../core/stats/entry.js';
import { notJoined } from '../media/not-joined.js';
import { RoomConnection } from '../media/room-connection.js';
import { withBitrates } from './sdp.js';

export interface PeerSettings {
  /** How long a connection may take once it is answered, in milliseconds. */
  readonly connectTimeoutMs: number;
}

type Candidate = Readonly<Record<string, unknown>>;

/** A connection that is interrupted heals by itself, or never: this long it is waited for. */
const healingLimitMs = 10_000;

/** Direct WebRTC: a peer connection with the service itself. What a platform adds is what goes in and what comes out. */
export abstract class DirectConnection<L extends LocalStream, R extends RemoteStream> extends RoomConnection<R> {
  #peer: RTCPeerConnection | null = null;
  /** One signal after the other: each is answered, or used, before the next. */
  #signals: Promise<unknown> = Promise.resolve();
  /** The service's description is there, which its candidates belong to. */
  #isDescribed = false;
  /** Candidates that came before it. */
  #early: Candidate[] = [];
  #connected: () => void = () => undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isInterrupted = false;

  constructor(
    private readonly settings: PeerSettings,
    protected readonly request: DirectRequest<L>,
    emit: ConstructorParameters<typeof RoomConnection<R>>[0],
  ) {
    super(emit);
  }

  /** Loads what is needed. */
  protected abstract createPeer(configuration: RTCConfiguration): Promise<RTCPeerConnection>;
  /** Adds what is sent, and what is only received. */
  protected abstract addMedia(peer: RTCPeerConnection): void;
  /** Frees what was added. The peer connection is closed already. */
  protected abstract removeMedia(): void | Promise<void>;
  /** A track is received from now on. */
  protected abstract received(event: RTCTrackEvent): void;

  async readStats(): Promise<RoomStats> {
    if (!this.#peer || !this.isJoined) throw notJoined();
    return { publisher: statsEntries(await this.#peer.getStats()), subscriber: [] };
  }

  resume(): void {
    if (this.isJoined) this.#inTurn((peer) => this.#offer(peer, { iceRestart: true }));
  }

  override receive(signal: PeerSignal): void {
    if (this.isOver) return;
    this.#inTurn(async (peer) => {
      if (signal.type === 'candidate') {
        if (signal.candidate !== null) await this.#addCandidate(peer, signal.candidate);
      } else if (signal.type === 'offer') {
        await this.#describe(peer, { type: 'offer', sdp: signal.sdp });
        this.signal({ type: 'answer', sdp: await this.#set(peer, await peer.createAnswer()) });
      } else if (peer.signalingState === 'have-local-offer') {
        const sdp = withBitrates(signal.sdp, this.request.publish.maxBitrate);
        await this.#describe(peer, { type: 'answer', sdp });
        if (!this.isJoined) this.#limit(this.settings.connectTimeoutMs, connectTimeout);
      }
    });
  }

  protected async join(): Promise<void> {
    const { iceServers } = this.request;
    const creating = this.createPeer({
      iceServers: iceServers.map((server) => ({ ...server, urls: [server.urls].flat() })),
    });
    // One that comes too late is not needed.
    creating.then(
      (peer) => this.isOver && peer.close(),
      () => undefined,
    );
    const peer = await this.until(creating);
    this.#peer = peer;
    const connected = new Promise<void>((resolve) => {
      this.#connected = resolve;
    });
    this.#listen(peer);
    this.addMedia(peer);
    this.#inTurn(() => this.#offer(peer));
    await this.until(connected);
    this.#stopTimer();
    this.joined();
    this.published();
  }

  protected async leave(): Promise<void> {
    this.#stopTimer();
    this.#peer?.close();
    await this.removeMedia();
  }

  async #offer(peer: RTCPeerConnection, options: RTCOfferOptions = {}): Promise<void> {
    this.signal({ type: 'offer', sdp: await this.#set(peer, await peer.createOffer(options)) });
  }

  /**
   * Its text as it was created, for its candidates follow one by one. `localDescription` would have it, too, but is not
   * read: while candidates are added to it, @roamhq/wrtc 0.10.0 crashes the process now and then.
   */
  async #set(peer: RTCPeerConnection, description: RTCSessionDescriptionInit): Promise<string> {
    await peer.setLocalDescription(description);
    return description.sdp ?? '';
  }

  async #describe(peer: RTCPeerConnection, description: RTCSessionDescriptionInit): Promise<void> {
    try {
      await peer.setRemoteDescription(description);
    } catch (cause) {
      this.end({
        code: 'WEBRTC_SIGNALING_ERROR',
        message: `setRemoteDescription() failed for the service's ${description.type}.`,
        cause,
      });
      return;
    }
    this.#isDescribed = true;
    for (const candidate of this.#early.splice(0)) await this.#addCandidate(peer, candidate);
  }

  async #addCandidate(peer: RTCPeerConnection, candidate: Candidate): Promise<void> {
    if (!this.#isDescribed) {
      this.#early.push(candidate);
      return;
    }
    // One that is of no use is one path less.
    await peer.addIceCandidate(candidate).catch(() => undefined);
  }

  #inTurn(work: (peer: RTCPeerConnection) => Promise<void>): void {
    this.#signals = this.#signals
      .then(async () => {
        if (this.#peer && !this.isOver) await work(this.#peer);
      })
      .catch((error: unknown) => this.fail(error));
  }

  #listen(peer: RTCPeerConnection): void {
    peer.onicecandidate = ({ candidate }) => {
      // Browsers end each component's candidates with an empty one, too.
      if (candidate?.candidate === '') return;
      this.signal({ type: 'candidate', candidate: candidate === null ? null : { ...candidate.toJSON() } });
    };
    peer.ontrack = (event) => {
      if (!this.isOver) this.received(event);
    };
    peer.oniceconnectionstatechange = () =>
      this.report({ type: 'transportState', kind: 'iceConnectionState', value: peer.iceConnectionState });
    peer.onsignalingstatechange = () =>
      this.report({ type: 'transportState', kind: 'signalingState', value: peer.signalingState });
    peer.onconnectionstatechange = () => {
      const { connectionState } = peer;
      this.report({ type: 'transportState', kind: 'connectionState', value: connectionState });
      this.#follow(connectionState);
    };
  }

  #follow(state: RTCPeerConnectionState): void {
    if (state === 'connected') {
      this.#connected();
      if (!this.#isInterrupted) return;
      this.#isInterrupted = false;
      this.#stopTimer();
      this.report({ type: 'reconnected' });
    } else if (state === 'disconnected' && this.isJoined && !this.#isInterrupted) {
      this.#isInterrupted = true;
      this.report({ type: 'reconnecting' });
      this.#limit(healingLimitMs, () => lost('interrupted for too long'));
    } else if (state === 'failed' || state === 'closed') {
      this.end(lost(state));
    }
  }

  #limit(limitMs: number, failure: (limitMs: number) => Failure): void {
    this.#stopTimer();
    // An answer may have been on its way in when the connection ended.
    if (this.isOver) return;
    this.#timer = setTimeout(() => this.end(failure(limitMs)), limitMs);
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
  }
}

const lost = (how: string): Failure => ({
  code: 'WEBRTC_ICE_ERROR',
  message: `The peer connection is lost: ${how}.`,
});

const connectTimeout = (limitMs: number): Failure => ({
  code: 'WEBRTC_TIMEOUT_ERROR',
  message: `The peer connection was not made within ${limitMs} ms of the answer.`,
  data: { limitMs },
});

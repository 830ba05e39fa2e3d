import type { AudioInput, DirectRequest, RoomEvent } from '../../../core/ports/media.js';
import { createFrameFeed, createFrameGuard, type FrameFeed } from '../../media/node/frame-feed.js';
import { type NodeLocalStream, requireNodeVideoTrack } from '../../media/node/local-stream.js';
import { createNodeRemoteStream, type NodeRemoteStream } from '../../media/node/remote-stream.js';
import { notJoined } from '../../media/not-joined.js';
import { DirectConnection, type PeerSettings } from '../direct-connection.js';
import { newPeer } from '../new-peer.js';
import { preferCodec } from '../prefer-codec.js';
import type { NativeVideoSink, NativeVideoSource, NodeWebRtc } from './native.js';
import { createVoice, type Voice } from './voice.js';

/** Direct WebRTC by a peer connection of `@roamhq/wrtc`. */
export class NodeDirectConnection extends DirectConnection<NodeLocalStream, NodeRemoteStream> {
  #wrtc: NodeWebRtc | null = null;
  #feed: FrameFeed | null = null;
  #voice: Voice | null = null;
  #sink: NativeVideoSink | null = null;
  #remote: NodeRemoteStream | null = null;
  #audioTrack: MediaStreamTrack | null = null;
  readonly #sent: MediaStreamTrack[] = [];

  constructor(
    private readonly load: () => Promise<NodeWebRtc>,
    settings: PeerSettings,
    request: DirectRequest<NodeLocalStream>,
    emit: (event: RoomEvent<NodeRemoteStream>) => void,
  ) {
    super(settings, request, emit);
  }

  async replaceVideoTrack(track: unknown): Promise<void> {
    requireNodeVideoTrack(track);
    const feed = this.#feed;
    if (!this.isJoined || !feed) throw notJoined();
    await this.until(new Promise<void>((resolve) => feed.follow(track, resolve)));
  }

  override async playAudio(audio: AudioInput, stop: AbortSignal): Promise<void> {
    if (!this.isJoined || !this.#voice) throw notJoined();
    await this.until(this.#voice.play(audio, stop));
  }

  protected async createPeer(configuration: RTCConfiguration): Promise<RTCPeerConnection> {
    const wrtc = await this.load();
    this.#wrtc = wrtc;
    return newPeer(() => {
      // Given to the constructor, servers that it refuses keep the process from ever ending by itself.
      const peer = new wrtc.RTCPeerConnection();
      try {
        peer.setConfiguration(configuration);
        return peer;
      } catch (cause) {
        peer.close();
        throw cause;
      }
    });
  }

  protected addMedia(peer: RTCPeerConnection): void {
    const { localStream, videoTrack, playsAudio, publish } = this.request;
    const wrtc = this.#wrtc;
    if (!wrtc) return;
    const video = videoTrack ?? localStream?.videoTrack ?? null;
    const add = (track: MediaStreamTrack): void => {
      this.#sent.push(track);
      peer.addTransceiver(track, { direction: 'sendrecv', streams: [new wrtc.MediaStream([track])] });
    };
    if (video !== null) add(this.#startVideo(wrtc, video));
    else peer.addTransceiver('video', { direction: 'recvonly' });
    if (playsAudio) {
      this.#voice = createVoice(wrtc);
      add(this.#voice.track);
    } else if (video === null) {
      peer.addTransceiver('audio', { direction: 'recvonly' });
    }
    preferCodec(peer, wrtc.RTCRtpReceiver, publish.preferredCodec);
  }

  protected async removeMedia(): Promise<void> {
    this.#feed?.stop();
    this.#voice?.close();
    this.#sink?.stop();
    for (const track of this.#sent.splice(0)) track.stop();
    await this.#remote?.dispose();
  }

  /** There is a stream with its first frame: the track itself is there before anything is sent on it. */
  protected received({ track }: RTCTrackEvent): void {
    if (track.kind === 'audio') this.#audioTrack = track;
    if (track.kind !== 'video' || !this.#wrtc || this.#sink) return;
    const sink = new this.#wrtc.nonstandard.RTCVideoSink(track);
    this.#sink = sink;
    let receive: ReturnType<typeof createNodeRemoteStream>['receive'] | null = null;
    sink.onframe = ({ frame: { data, width, height } }) => {
      if (this.isOver) return;
      receive ??= this.#show(track, () => sink.stop());
      receive({ data, width, height, timestampUs: Math.round(performance.now() * 1_000) });
    };
  }

  #show(videoTrack: MediaStreamTrack, stopReading: () => void) {
    const listener = { onFirstFrame: () => this.report({ type: 'firstFrame' }), onMarker: this.request.onMarker };
    const tracks = { videoTrack, audioTrack: this.#audioTrack };
    const { stream, receive } = createNodeRemoteStream(tracks, listener, async () => stopReading());
    this.#remote = stream;
    this.report({ type: 'streamChanged', stream });
    return receive;
  }

  #startVideo(wrtc: NodeWebRtc, track: unknown): MediaStreamTrack {
    requireNodeVideoTrack(track);
    const source: NativeVideoSource = new wrtc.nonstandard.RTCVideoSource();
    this.#feed = createFrameFeed(
      ({ width, height }) => {
        const guard = createFrameGuard({ width, height });
        return (frame) => source.onFrame({ width, height, data: guard(frame) });
      },
      {
        onEnded: () => this.report({ type: 'transportState', kind: 'localTrack', value: 'ended' }),
        onFailed: (failure) => this.end(failure),
      },
    );
    this.#feed.follow(track);
    return source.createTrack();
  }
}

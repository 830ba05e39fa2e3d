import type { Subscription } from 'rxjs';
import type { AudioInput, DirectRequest, RoomEvent } from '../../../core/ports/media.js';
import { fallbacksOf, sendableCodec } from '../../media/browser/fallbacks.js';
import { type PublishableStream, requireVideoTrack } from '../../media/browser/local-stream.js';
import { followOwnTracks } from '../../media/browser/own-tracks.js';
import { createRemoteSlot, type PlaybackSettings, type RemoteSlot } from '../../media/browser/remote-slot.js';
import type { BrowserRemoteStream, ReceivedTrack } from '../../media/browser/remote-stream.js';
import { notJoined } from '../../media/not-joined.js';
import { DirectConnection, type PeerSettings } from '../direct-connection.js';
import { newPeer } from '../new-peer.js';
import { preferCodec } from '../prefer-codec.js';
import { setDegradation } from './degradation.js';
import { createVoice, type Voice } from './voice.js';

export interface BrowserPeerSettings extends PeerSettings, PlaybackSettings {}

/** Direct WebRTC by the browser's peer connection. */
export class BrowserDirectConnection extends DirectConnection<PublishableStream, BrowserRemoteStream> {
  readonly #remote: RemoteSlot;
  readonly #stops: (() => void)[] = [];
  #voice: Voice | null = null;
  #video: RTCRtpSender | null = null;
  #watched: MediaStreamTrack | null = null;
  #ownTracks: Subscription | null = null;
  #incoming: { video: ReceivedTrack | null; audio: ReceivedTrack | null } = { video: null, audio: null };

  constructor(
    settings: BrowserPeerSettings,
    request: DirectRequest<PublishableStream>,
    emit: (event: RoomEvent<BrowserRemoteStream>) => void,
  ) {
    super(settings, request, emit);
    this.#remote = createRemoteSlot(settings, request, (event) => this.report(event));
  }

  async replaceVideoTrack(track: unknown): Promise<void> {
    requireVideoTrack(track);
    if (!this.isJoined || !this.#video) throw notJoined();
    this.#ownTracks?.unsubscribe();
    await this.until(this.#send(this.#video, track));
  }

  protected async createPeer(configuration: RTCConfiguration): Promise<RTCPeerConnection> {
    return newPeer(() => new RTCPeerConnection(configuration));
  }

  protected addMedia(peer: RTCPeerConnection): void {
    const { localStream, videoTrack, publish, playsAudio } = this.request;
    if (playsAudio) this.#voice = createVoice();
    const video = videoTrack ?? localStream?.videoTrack ?? null;
    const audio = this.#voice?.track ?? localStream?.audioTrack ?? null;
    if (video !== null) {
      this.#addVideo(peer, video);
      for (const event of fallbacksOf(localStream, publish.preferredCodec)) this.report(event);
    }
    if (audio !== null) peer.addTransceiver(audio, { direction: 'sendrecv', streams: streamsOf(localStream) });
    if (video === null) peer.addTransceiver('video', { direction: 'recvonly' });
    if (video === null && audio === null) peer.addTransceiver('audio', { direction: 'recvonly' });
    preferCodec(peer, RTCRtpReceiver, sendableCodec(publish.preferredCodec));
  }

  override async playAudio(audio: AudioInput, stop: AbortSignal): Promise<void> {
    if (!this.isJoined || !this.#voice) throw notJoined();
    await this.until(this.#voice.play(audio, stop));
  }

  protected removeMedia(): Promise<void> {
    this.#voice?.close();
    this.#ownTracks?.unsubscribe();
    this.#watch(null);
    for (const stop of this.#stops.splice(0)) stop();
    return this.#remote.stop();
  }

  /** There is a stream as soon as there is video: the tracks themselves are there before anything is sent on them. */
  protected received({ track, receiver }: RTCTrackEvent): void {
    const show = (): void => {
      this.#incoming = { ...this.#incoming, [track.kind]: { mediaStreamTrack: track, receiver } };
      if (this.#incoming.video) this.#remote.show(this.#incoming);
    };
    if (!track.muted) return show();
    track.addEventListener('unmute', show, { once: true });
    this.#stops.push(() => track.removeEventListener('unmute', show));
  }

  #addVideo(peer: RTCPeerConnection, track: unknown): void {
    requireVideoTrack(track);
    const { localStream, videoTrack, publish } = this.request;
    const { maxBitrate, maxFramerate } = publish;
    const { sender } = peer.addTransceiver(track, {
      direction: 'sendrecv',
      streams: streamsOf(localStream),
      sendEncodings: [{ maxBitrate, maxFramerate }],
    });
    setDegradation(sender, publish);
    this.#video = sender;
    this.#watch(track);
    if (videoTrack !== null) return;
    this.#ownTracks = followOwnTracks(
      localStream,
      track,
      (next) => this.#send(sender, next),
      (value) => this.report({ type: 'transportState', kind: 'localTrack', value }),
    );
  }

  async #send(sender: RTCRtpSender, track: MediaStreamTrack): Promise<void> {
    this.#watch(track);
    await sender.replaceTrack(track);
  }

  #watch(track: MediaStreamTrack | null): void {
    this.#watched?.removeEventListener('ended', this.#onEnded);
    this.#watched = track;
    this.#watched?.addEventListener('ended', this.#onEnded);
  }

  readonly #onEnded = (): void => this.report({ type: 'transportState', kind: 'localTrack', value: 'ended' });
}

/** Video and audio that belong together are played in step. */
const streamsOf = (localStream: PublishableStream | null): MediaStream[] =>
  localStream === null ? [] : [localStream.mediaStream];

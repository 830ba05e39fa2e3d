import { SessionDescription } from '@livekit/protocol';
import type { Subscription } from '../room/subscription.js';
import type { MediaCodec } from '../rtp/keyframe.js';
import { ownExtensionIds } from '../sdp/header-extensions.js';
import { readDescription, type SdpCodec, type SdpSection } from '../sdp/session.js';
import { type TransportParameters, type WrittenSection, writeDescription } from '../sdp/write.js';
import type { MediaTransport } from '../transport/media-transport.js';
import type { PeerConnectionEvents, PeerConnections } from './peer-connections.js';
import { answerSections, isSendingMedia } from './uplink-answer.js';

/** One media section of the server's own offer. */
interface OfferedSection {
  readonly mid: string;
  readonly kind: 'audio' | 'video';
  codec: SdpCodec;
  subscription: Subscription | undefined;
  /** Has been offered inactive since its last track went away: it can take another one. */
  reusable: boolean;
}

const ownCodecs: Record<MediaCodec, SdpCodec> = {
  VP8: { codec: 'VP8', payloadType: 96, clockRate: 90_000, channels: 1, fmtp: '' },
  VP9: { codec: 'VP9', payloadType: 98, clockRate: 90_000, channels: 1, fmtp: 'profile-id=0' },
  H264: {
    codec: 'H264',
    payloadType: 102,
    clockRate: 90_000,
    channels: 1,
    fmtp: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
  },
  opus: { codec: 'opus', payloadType: 111, clockRate: 48_000, channels: 2, fmtp: 'minptime=10;useinbandfec=1' },
};

/**
 * v0 signalling: the client offers on a publisher connection, the server on a subscriber
 * connection, with one negotiation at a time.
 */
export class DualPeerConnection implements PeerConnections {
  readonly subscriberPrimary = true;
  private readonly sections: OfferedSection[] = [];
  private sendingMids = new Set<string>();
  private negotiating = false;
  private isStale = false;
  private offerScheduled = false;
  private begun = false;
  private offerId = 0;
  private answerVersion = 0;

  constructor(
    private readonly publisher: MediaTransport,
    private readonly subscriber: MediaTransport,
    private readonly parameters: (transport: MediaTransport) => TransportParameters,
    private readonly events: PeerConnectionEvents,
    private readonly preferredCodec: (section: SdpSection) => SdpCodec | undefined,
  ) {}

  get transports(): readonly MediaTransport[] {
    return [this.publisher, this.subscriber];
  }

  get isConnected(): boolean {
    return this.subscriber.isConnected;
  }

  handleOffer(offer: Pick<SessionDescription, 'sdp' | 'id'>): void {
    const description = readDescription(offer.sdp);
    if (!description) return;
    this.publisher.applyRemote(description, 'offerer');
    const uplinks = description.sections.filter(isSendingMedia);
    const sending = new Set(uplinks.map(({ mid }) => mid));
    this.events.uplinksOffered(uplinks, this.publisher);
    for (const mid of this.sendingMids) if (!sending.has(mid)) this.events.uplinkStopped(mid);
    this.sendingMids = sending;
    const sections = answerSections(description, () => undefined, this.preferredCodec);
    this.answerVersion += 1;
    const sdp = writeDescription('answer', this.answerVersion, this.parameters(this.publisher), sections);
    this.events.send({ case: 'answer', value: new SessionDescription({ type: 'answer', sdp, id: offer.id }) });
  }

  handleAnswer(answer: Pick<SessionDescription, 'sdp' | 'id'>): void {
    const description = readDescription(answer.sdp);
    if (!description || !this.negotiating || (answer.id !== 0 && answer.id !== this.offerId)) return;
    this.negotiating = false;
    this.subscriber.applyRemote(description, 'answerer');
    for (const section of this.sections) {
      const accepted = description.sections.find(({ mid }) => mid === section.mid);
      if (!section.subscription || !accepted || accepted.isRejected) continue;
      section.subscription.start(this.subscriber, section.mid, section.codec.payloadType, accepted.extensions);
      this.events.subscriptionStarted(section.subscription);
    }
    if (this.isStale) this.negotiate();
  }

  begin(): void {
    this.begun = true;
    this.subscriber.openDataChannel('_reliable', { ordered: true });
    this.subscriber.openDataChannel('_lossy', { ordered: false, maxRetransmits: 0 });
    this.subscriber.openDataChannel('_data_track', { ordered: false, maxRetransmits: 0 });
    this.sendOffer();
  }

  resume(): void {
    this.subscriber.ice.restart();
    this.negotiating = false;
    this.sendOffer();
  }

  subscribe(subscription: Subscription): void {
    const { kind, codec } = subscription.publication.source;
    const reused = this.sections.find((section) => section.kind === kind && section.reusable);
    if (reused) {
      reused.reusable = false;
      reused.subscription = subscription;
      reused.codec = ownCodecs[codec];
    } else {
      const mid = String(this.sections.length + 1);
      this.sections.push({ mid, kind, codec: ownCodecs[codec], subscription, reusable: false });
    }
    this.negotiate();
  }

  unsubscribe(subscription: Subscription): void {
    for (const section of this.sections) {
      if (section.subscription !== subscription) continue;
      section.subscription = undefined;
      this.negotiate();
    }
    subscription.close();
  }

  sendData(label: string, message: Buffer): void {
    this.subscriber.sendData(label, message);
  }

  close(): void {
    for (const { subscription } of this.sections) subscription?.close();
    this.publisher.close();
    this.subscriber.close();
  }

  private negotiate(): void {
    if (!this.begun) return;
    if (this.negotiating) {
      this.isStale = true;
      return;
    }
    if (this.offerScheduled) return;
    this.offerScheduled = true;
    queueMicrotask(() => {
      this.offerScheduled = false;
      if (this.negotiating) this.isStale = true;
      else this.sendOffer();
    });
  }

  private sendOffer(): void {
    this.negotiating = true;
    this.isStale = false;
    this.offerId += 1;
    const midToTrackId: Record<string, string> = {};
    const written: WrittenSection[] = [{ kind: 'application', mid: '0' }];
    for (const section of this.sections) {
      const { mid, kind, codec, subscription } = section;
      if (subscription) midToTrackId[mid] = subscription.publication.info.sid;
      else section.reusable = true;
      written.push({
        kind,
        mid,
        direction: subscription ? 'sendonly' : 'inactive',
        codecs: [codec],
        extensions: ownExtensionIds,
        ...(subscription ? { sends: subscription.sentStream } : {}),
      });
    }
    const sdp = writeDescription('offer', this.offerId, this.parameters(this.subscriber), written);
    this.events.send({
      case: 'offer',
      value: new SessionDescription({ type: 'offer', sdp, id: this.offerId, midToTrackId }),
    });
  }
}

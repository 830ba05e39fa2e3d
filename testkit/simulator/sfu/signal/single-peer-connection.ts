import { MediaSectionsRequirement, SessionDescription } from '@livekit/protocol';

import type { Subscription } from '../room/subscription.js';
import { type RemoteDescription, readDescription, type SdpCodec, type SdpSection } from '../sdp/session.js';
import { type TransportParameters, writeDescription } from '../sdp/write.js';
import type { MediaTransport } from '../transport/media-transport.js';
import type { PeerConnectionEvents, PeerConnections } from './peer-connections.js';
import { answerSections, isSendingMedia, type SendingSection } from './uplink-answer.js';

/** A subscription with the section it was given. */
interface Assignment {
  readonly subscription: Subscription;
  readonly codec: SdpCodec;
  readonly extensions: ReadonlyMap<string, number>;
}

/**
 * v1 signalling: one peer connection for both directions, and the client always makes the offer.
 * A track to be received waits until an offer has a free `recvonly` section for it; the server can
 * ask for such an offer, but not make one.
 */
export class SinglePeerConnection implements PeerConnections {
  readonly subscriberPrimary = false;
  private readonly waiting = new Set<Subscription>();
  private readonly assigned = new Map<string, Assignment>();
  /** Sections whose track went away and which must be answered inactive once before they are used again. */
  private readonly resting = new Set<string>();
  private sendingMids = new Set<string>();
  private free = { audio: 0, video: 0 };
  private offerRequested = false;
  private requestScheduled = false;
  private version = 0;

  constructor(
    private readonly transport: MediaTransport,
    private readonly parameters: (transport: MediaTransport) => TransportParameters,
    private readonly events: PeerConnectionEvents,
    private readonly preferredCodec: (section: SdpSection) => SdpCodec | undefined,
  ) {}

  get transports(): readonly MediaTransport[] {
    return [this.transport];
  }

  get isConnected(): boolean {
    return this.transport.isConnected;
  }

  handleOffer(offer: Pick<SessionDescription, 'sdp' | 'id'>): void {
    const description = readDescription(offer.sdp);
    if (!description) return;
    this.offerRequested = false;
    this.transport.applyRemote(description, 'offerer');
    this.followUplinks(description);
    this.free = { audio: 0, video: 0 };
    const fresh: [string, Assignment][] = [];
    const sections = answerSections(
      description,
      (section) => this.sendingIn(section, fresh),
      (section) => this.preferredCodec(section),
    );
    this.version += 1;
    const sdp = writeDescription('answer', this.version, this.parameters(this.transport), sections);
    const midToTrackId = Object.fromEntries(
      [...this.assigned].map(([mid, { subscription }]) => [mid, subscription.publication.info.sid]),
    );
    this.events.send({
      case: 'answer',
      value: new SessionDescription({ type: 'answer', sdp, id: offer.id, midToTrackId }),
    });
    for (const [mid, { subscription, codec, extensions }] of fresh) {
      subscription.start(this.transport, mid, codec.payloadType, extensions);
      this.events.subscriptionStarted(subscription);
    }
    if (this.waiting.size > 0) this.requestOffer();
  }

  handleAnswer(): void {
    // The server never offers here.
  }

  begin(): void {}

  resume(): void {
    this.offerRequested = false;
    if (this.waiting.size > 0 || this.resting.size > 0) this.requestOffer();
  }

  subscribe(subscription: Subscription): void {
    this.waiting.add(subscription);
    this.requestOffer();
  }

  unsubscribe(subscription: Subscription): void {
    this.waiting.delete(subscription);
    for (const [mid, assignment] of this.assigned) {
      if (assignment.subscription !== subscription) continue;
      this.assigned.delete(mid);
      this.resting.add(mid);
      this.requestOffer();
    }
    subscription.close();
  }

  sendData(label: string, message: Buffer): void {
    this.transport.sendData(label, message);
  }

  close(): void {
    for (const { subscription } of this.assigned.values()) subscription.close();
    this.assigned.clear();
    this.waiting.clear();
    this.transport.close();
  }

  private followUplinks(description: RemoteDescription): void {
    const sections = description.sections.filter(isSendingMedia);
    const sending = new Set(sections.map(({ mid }) => mid));
    this.events.uplinksOffered(sections, this.transport);
    for (const mid of this.sendingMids) if (!sending.has(mid)) this.events.uplinkStopped(mid);
    this.sendingMids = sending;
  }

  private sendingIn(section: SdpSection, fresh: [string, Assignment][]): SendingSection | undefined {
    if (section.kind !== 'audio' && section.kind !== 'video') return undefined;
    if (section.direction !== 'recvonly') return undefined;
    if (this.resting.delete(section.mid)) {
      this.free[section.kind] += 1;
      return undefined;
    }
    const known = this.assigned.get(section.mid);
    if (known) return { stream: known.subscription.sentStream, codec: known.codec };
    for (const subscription of this.waiting) {
      const { source } = subscription.publication;
      const codec = section.codecs.find((each) => each.codec === source.codec);
      if (source.kind !== section.kind || !codec) continue;
      this.waiting.delete(subscription);
      const assignment = { subscription, codec, extensions: section.extensions };
      this.assigned.set(section.mid, assignment);
      fresh.push([section.mid, assignment]);
      return { stream: subscription.sentStream, codec };
    }
    this.free[section.kind] += 1;
    return undefined;
  }

  /**
   * Asks the client for an offer with enough sections, once for everything that is asked in one go. Not for what the
   * answer in hand takes in: browsers start their encoders again with each negotiation.
   */
  private requestOffer(): void {
    if (this.version === 0 || this.offerRequested || this.requestScheduled) return;
    this.requestScheduled = true;
    queueMicrotask(() => {
      this.requestScheduled = false;
      if (this.offerRequested || (this.waiting.size === 0 && this.resting.size === 0)) return;
      this.offerRequested = true;
      const wanted = { audio: 0, video: 0 };
      for (const { publication } of this.waiting) wanted[publication.source.kind] += 1;
      const value = new MediaSectionsRequirement({
        numAudios: Math.max(0, wanted.audio - this.free.audio),
        numVideos: Math.max(0, wanted.video - this.free.video),
      });
      this.events.send({ case: 'mediaSectionsRequirement', value });
    });
  }
}

import { randomInt } from 'node:crypto';
import { isService } from '../room/publication.js';
import type { Subscription } from '../room/subscription.js';
import { readDescription, type SdpSection } from '../sdp/session.js';
import { type SentStream, type TransportParameters, type WrittenSection, writeDescription } from '../sdp/write.js';
import type { MediaTransport } from '../transport/media-transport.js';
import type { PeerConnectionEvents, PeerConnections } from './peer-connections.js';
import { isSending, isSendingMedia } from './uplink-answer.js';

/** A section in which the client can receive one track. */
interface Outlet {
  readonly section: SdpSection;
  /** As the answer names it. */
  readonly stream: SentStream;
  subscription: Subscription | undefined;
  /** The SSRC of the answer served a track already: a later one has an SSRC of its own, found by its MID. */
  isUsed: boolean;
}

const isReceiving = ({ direction }: SdpSection): boolean => direction === 'recvonly' || direction === 'sendrecv';

/**
 * A peer connection without LiveKit signalling: the client offers, and the answer promises a stream in each section
 * that can receive one. The tracks may come later, and change, without another offer.
 */
export class PlainPeerConnection implements PeerConnections {
  readonly subscriberPrimary = false;
  private readonly outlets = new Map<string, Outlet>();
  private readonly waiting = new Set<Subscription>();
  private sendingMids = new Set<string>();
  private version = 0;

  constructor(
    private readonly transport: MediaTransport,
    private readonly parameters: (transport: MediaTransport) => TransportParameters,
    private readonly events: PeerConnectionEvents,
    /** Names what is sent. */
    private readonly streamId: string,
  ) {}

  get transports(): readonly MediaTransport[] {
    return [this.transport];
  }

  get isConnected(): boolean {
    return this.transport.isConnected;
  }

  /** The answer to an offer; `undefined` when it is no SDP. Never throws. */
  answer(offer: string): string | undefined {
    const description = readDescription(offer);
    if (!description) return undefined;
    this.transport.applyRemote(description, 'offerer');
    const uplinks = description.sections.filter(isSendingMedia);
    const sending = new Set(uplinks.map(({ mid }) => mid));
    this.events.uplinksOffered(uplinks, this.transport);
    for (const mid of this.sendingMids) if (!sending.has(mid)) this.events.uplinkStopped(mid);
    this.sendingMids = sending;
    this.version += 1;
    const sections = description.sections.map((section) => this.answerSection(section));
    for (const subscription of this.waiting) this.subscribe(subscription);
    return writeDescription('answer', this.version, this.parameters(this.transport), sections);
  }

  handleOffer(): void {
    // Comes in by `answer`: there is no LiveKit signalling.
  }

  handleAnswer(): void {
    // The server never offers here.
  }

  begin(): void {}

  resume(): void {}

  subscribe(subscription: Subscription): void {
    const { source, publisher } = subscription.publication;
    if (!isService(publisher)) return;
    for (const outlet of this.outlets.values()) {
      const { section, stream } = outlet;
      const codec = section.codecs.find((each) => each.codec === source.codec);
      if (outlet.subscription || section.kind !== source.kind || !codec) continue;
      this.waiting.delete(subscription);
      outlet.subscription = subscription;
      const ssrc = outlet.isUsed ? undefined : stream.ssrc;
      outlet.isUsed = true;
      subscription.start(this.transport, section.mid, codec.payloadType, section.extensions, ssrc);
      this.events.subscriptionStarted(subscription);
      return;
    }
    this.waiting.add(subscription);
  }

  unsubscribe(subscription: Subscription): void {
    this.waiting.delete(subscription);
    subscription.close();
    for (const outlet of this.outlets.values()) {
      if (outlet.subscription === subscription) outlet.subscription = undefined;
    }
    // What waited for a section can have this one.
    for (const other of this.waiting) this.subscribe(other);
  }

  sendData(): void {
    // There are no data channels.
  }

  close(): void {
    for (const { subscription } of this.outlets.values()) subscription?.close();
    this.outlets.clear();
    this.waiting.clear();
    this.transport.close();
  }

  private answerSection(section: SdpSection): WrittenSection {
    const { mid, kind, codecs, extensions } = section;
    if (kind === 'application' || kind === 'other') return { kind: 'rejected', media: 'application', mid };
    if (section.isRejected || codecs.length === 0) return { kind: 'rejected', media: kind, mid };
    const receives = isReceiving(section);
    const sends = receives ? this.outletOf(section).stream : undefined;
    const direction = receives ? (isSending(section) ? 'sendrecv' : 'sendonly') : 'recvonly';
    return { kind, mid, direction, codecs, extensions, ...(sends && { sends }) };
  }

  private outletOf(section: SdpSection): Outlet {
    const known = this.outlets.get(section.mid);
    if (known) return known;
    const outlet: Outlet = {
      section,
      stream: {
        ssrc: randomInt(1, 0x7fff_ffff),
        cname: this.streamId,
        streamId: this.streamId,
        trackId: `${this.streamId}-${section.kind}-${section.mid}`,
      },
      subscription: undefined,
      isUsed: false,
    };
    this.outlets.set(section.mid, outlet);
    return outlet;
  }
}

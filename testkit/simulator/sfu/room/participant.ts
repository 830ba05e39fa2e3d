import {
  ConnectionQuality,
  ConnectionQualityInfo,
  ConnectionQualityUpdate,
  type DisconnectReason,
  LeaveRequest,
  LeaveRequest_Action,
  ParticipantInfo,
  ParticipantInfo_State,
  ParticipantPermission,
  type SignalResponse,
  TrackUnpublishedResponse,
} from '@livekit/protocol';

import type { AccessGrant } from '../access-token.js';
import type { PeerConnectionEvents, PeerConnections } from '../signal/peer-connections.js';
import type { SignalSocket } from '../signal/signal-socket.js';
import type { Publication, Publisher } from './publication.js';
import { newSid } from './sid.js';
import { Subscription } from './subscription.js';
import { Uplinks } from './uplinks.js';

export interface ParticipantEvents {
  /** Its description changed: the others need an update. */
  changed(participant: Participant): void;
  /** Media is up for the first time. */
  activated(participant: Participant): void;
  published(publication: Publication): void;
  unpublished(publication: Publication): void;
  subscribed(publication: Publication): void;
  dataReceived(participant: Participant, label: string, message: Buffer): void;
  /** Its media is gone and its signalling socket has no peer. */
  gone(participant: Participant): void;
}

/** How long a participant without a signalling socket is kept, so that it can come back. */
const resumeWindowMs = 20_000;

/** A client in a room: its signalling socket, its peer connections, what it publishes and receives. */
export class Participant implements Publisher {
  readonly sid = newSid('PA');
  readonly identity: string;
  readonly uplinks: Uplinks;
  /** Sequence number of the last reliable data packet that came from it. */
  lastDataSequence = 0;
  name: string;
  metadata: string;
  attributes: Record<string, string>;
  peers: PeerConnections | undefined;
  private state = ParticipantInfo_State.JOINED;
  private version = 0;
  private readonly joinedAtMs = Date.now();
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly refused = new Set<string>();
  private signal: SignalSocket | undefined;
  private resumeTimer: NodeJS.Timeout | undefined;
  private holdTimer: NodeJS.Timeout | undefined;
  private held: Publication[] | undefined;
  private mediaGone = false;
  private closed = false;

  constructor(
    readonly grant: AccessGrant,
    readonly autoSubscribe: boolean,
    private readonly events: ParticipantEvents,
  ) {
    this.identity = grant.identity;
    this.name = grant.name;
    this.metadata = grant.metadata;
    this.attributes = { ...grant.attributes };
    this.uplinks = new Uplinks(this, {
      published: (publication) => events.published(publication),
      unpublished: (publication) => {
        // A client that is sent away must not take its own tracks for unpublished: it would not bring them back.
        if (!this.closed) {
          const value = new TrackUnpublishedResponse({ trackSid: publication.info.sid });
          this.send({ case: 'trackUnpublished', value });
        }
        events.unpublished(publication);
      },
    });
  }

  get isActive(): boolean {
    return this.state === ParticipantInfo_State.ACTIVE;
  }

  get isHidden(): boolean {
    return this.grant.hidden;
  }

  get isPublisher(): boolean {
    return this.uplinks.publications.length > 0;
  }

  /** The connection events of this participant, for the code that builds its peer connections. */
  readonly peerEvents: PeerConnectionEvents = {
    send: (message) => this.send(message),
    connected: () => this.activate(),
    closed: () => {
      this.mediaGone = true;
      if (!this.signal?.isOpen) this.events.gone(this);
    },
    uplinksOffered: (sections, transport) => {
      if (this.grant.canPublish) this.uplinks.offered(sections, transport);
    },
    uplinkStopped: (mid) => this.uplinks.stopped(mid),
    subscriptionStarted: ({ publication }) => this.events.subscribed(publication),
    dataReceived: (label, message) => this.events.dataReceived(this, label, message),
  };

  info(): ParticipantInfo {
    this.version += 1;
    return new ParticipantInfo({
      sid: this.sid,
      identity: this.identity,
      state: this.state,
      tracks: this.uplinks.infos,
      metadata: this.metadata,
      name: this.name,
      attributes: this.attributes,
      joinedAt: BigInt(Math.floor(this.joinedAtMs / 1000)),
      joinedAtMs: BigInt(this.joinedAtMs),
      version: this.version,
      isPublisher: this.isPublisher,
      permission: new ParticipantPermission({
        canSubscribe: this.grant.canSubscribe,
        canPublish: this.grant.canPublish,
        canPublishData: this.grant.canPublishData,
        canUpdateMetadata: this.grant.canUpdateOwnMetadata,
        hidden: this.grant.hidden,
      }),
    });
  }

  send(message: SignalResponse['message']): void {
    this.signal?.send(message);
  }

  /** Takes a (new) signalling socket into use. */
  attachSignal(signal: SignalSocket): void {
    clearTimeout(this.resumeTimer);
    const old = this.signal;
    this.signal = signal;
    old?.close();
  }

  /** The socket closed. The participant stays for a while, to be resumed. */
  signalClosed(signal: SignalSocket): void {
    if (this.closed || this.signal !== signal) return;
    this.signal = undefined;
    if (this.mediaGone) this.events.gone(this);
    else this.resumeTimer = setTimeout(() => this.events.gone(this), resumeWindowMs);
  }

  cutSignal(): void {
    this.signal?.cut();
  }

  /** Cuts a socket whose client has not been heard of for long. */
  dropSilentSignal(): void {
    if (this.signal?.isSilent) this.signal.cut();
  }

  /** Delays all subscriptions, for a client that would not notice them yet. */
  holdSubscriptions(holdMs: number): void {
    this.held = [];
    this.holdTimer = setTimeout(() => {
      const held = this.held ?? [];
      this.held = undefined;
      for (const publication of held) this.offerTrack(publication);
    }, holdMs);
  }

  /** There is a track to subscribe to. */
  offerTrack(publication: Publication): void {
    const { sid } = publication.info;
    if (this.held) {
      this.held.push(publication);
      return;
    }
    if (!this.isActive || !this.grant.canSubscribe || !this.autoSubscribe || this.refused.has(sid)) return;
    this.subscribe(publication);
  }

  subscribe(publication: Publication): void {
    const { sid } = publication.info;
    this.refused.delete(sid);
    if (this.closed || !this.grant.canSubscribe || this.subscriptions.has(sid)) return;
    const subscription = new Subscription(publication);
    this.subscriptions.set(sid, subscription);
    this.peers?.subscribe(subscription);
  }

  /** Ends a subscription; `refuse` when the client itself does not want the track. */
  unsubscribe(sid: string, refuse = false): void {
    if (refuse) this.refused.add(sid);
    this.held = this.held?.filter(({ info }) => info.sid !== sid);
    const subscription = this.subscriptions.get(sid);
    if (!subscription) return;
    this.subscriptions.delete(sid);
    this.peers?.unsubscribe(subscription);
  }

  configureSubscription(sid: string, settings: { maxLayer: number | undefined; disabled: boolean }): void {
    this.subscriptions.get(sid)?.configure(settings);
  }

  sendData(label: string, message: Buffer): void {
    this.peers?.sendData(label, message);
  }

  /** Ends it. With a reason the client is asked to leave, and learns how to go on. */
  close(leave?: { reason: DisconnectReason; action: LeaveRequest_Action }): void {
    if (this.closed) return;
    this.closed = true;
    this.state = ParticipantInfo_State.DISCONNECTED;
    clearTimeout(this.resumeTimer);
    clearTimeout(this.holdTimer);
    if (leave) {
      const canReconnect = leave.action !== LeaveRequest_Action.DISCONNECT;
      this.send({ case: 'leave', value: new LeaveRequest({ ...leave, canReconnect }) });
    }
    this.uplinks.close();
    for (const subscription of this.subscriptions.values()) subscription.close();
    this.subscriptions.clear();
    this.peers?.close();
    this.signal?.close();
  }

  private activate(): void {
    if (this.isActive || this.closed) return;
    this.state = ParticipantInfo_State.ACTIVE;
    this.events.changed(this);
    this.send({
      case: 'connectionQuality',
      value: new ConnectionQualityUpdate({
        updates: [
          new ConnectionQualityInfo({ participantSid: this.sid, quality: ConnectionQuality.EXCELLENT, score: 1 }),
        ],
      }),
    });
    this.events.activated(this);
  }
}

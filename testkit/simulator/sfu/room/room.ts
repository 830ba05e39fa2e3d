import {
  DisconnectReason,
  LeaveRequest_Action,
  type ParticipantInfo,
  ParticipantInfo_State,
  ParticipantUpdate,
  Room as RoomInfo,
  TrackSubscribed,
} from '@livekit/protocol';

import type { LinkConditions } from '../faults/link-conditions.js';
import { forwardData } from './data.js';
import { EchoParticipant } from './echo.js';
import type { Participant, ParticipantEvents } from './participant.js';
import { isService, type Publication } from './publication.js';
import { newSid } from './sid.js';

/** Participants that see and hear each other. */
export class Room {
  readonly sid = newSid('RM');
  private readonly createdAtMs = Date.now();
  private readonly participants = new Map<string, Participant>();
  private readonly rejoining = new Set<string>();
  private echo: EchoParticipant | undefined;
  private echoStalled = false;
  private echoLagMs = 0;

  constructor(
    readonly name: string,
    /** The room is empty. */
    private readonly emptied: (room: Room) => void,
  ) {}

  readonly participantEvents: ParticipantEvents = {
    changed: (participant) => this.announce(participant),
    activated: (participant) => {
      for (const publication of this.publications()) {
        if (publication.publisher !== participant) participant.offerTrack(publication);
      }
    },
    published: (publication) => this.published(publication),
    unpublished: (publication) => this.unpublished(publication),
    subscribed: ({ publisher, info }) => {
      this.participants
        .get(publisher.identity)
        ?.send({ case: 'trackSubscribed', value: new TrackSubscribed({ trackSid: info.sid }) });
    },
    dataReceived: (participant, label, message) => forwardData(participant, label, message, this.participants.values()),
    gone: (participant) => this.remove(participant, undefined, DisconnectReason.SIGNAL_CLOSE),
  };

  get isEmpty(): boolean {
    return this.participants.size === 0 && this.echo === undefined;
  }

  get members(): Participant[] {
    return [...this.participants.values()];
  }

  info(): RoomInfo {
    return new RoomInfo({
      sid: this.sid,
      name: this.name,
      emptyTimeout: 20,
      departureTimeout: 20,
      creationTime: BigInt(Math.floor(this.createdAtMs / 1000)),
      creationTimeMs: BigInt(this.createdAtMs),
      numParticipants: this.participants.size,
      numPublishers: this.members.filter(({ isPublisher }) => isPublisher).length,
    });
  }

  find(sid: string): Participant | undefined {
    return this.members.find((participant) => participant.sid === sid);
  }

  /** Everybody `participant` may know of, apart from itself. */
  othersOf(participant: Participant): ParticipantInfo[] {
    const others = this.members
      .filter((other) => other !== participant && !other.isHidden)
      .map((other) => other.info());
    return this.echo ? [...others, this.echo.info()] : others;
  }

  /** Sends away who is here under this identity: the newcomer's join response must not name it. */
  makeWayFor(identity: string): void {
    const old = this.participants.get(identity);
    if (old) this.dismiss(old, LeaveRequest_Action.DISCONNECT, DisconnectReason.DUPLICATE_IDENTITY);
  }

  add(participant: Participant): void {
    this.makeWayFor(participant.identity);
    this.participants.set(participant.identity, participant);
    this.announce(participant);
  }

  /** Whether this identity was asked to reconnect from scratch and is now doing so. */
  takeRejoin(identity: string): boolean {
    return this.rejoining.delete(identity);
  }

  /** Notes that this identity will come back with a new session. */
  expectRejoin(identity: string): void {
    this.rejoining.add(identity);
  }

  /** Takes a participant out. An action is sent to its client, with the reason. */
  remove(participant: Participant, action: LeaveRequest_Action | undefined, reason: DisconnectReason): void {
    if (this.participants.get(participant.identity) !== participant) return;
    this.dismiss(participant, action, reason);
    if (this.isEmpty) this.emptied(this);
  }

  close(reason: DisconnectReason): void {
    for (const participant of this.members) this.remove(participant, LeaveRequest_Action.DISCONNECT, reason);
    this.detachEcho();
    this.emptied(this);
  }

  attachEcho(identity: string, onFirstPacket?: () => void): void {
    this.dismissEcho();
    const echo = new EchoParticipant(identity, onFirstPacket);
    echo.stall(this.echoStalled);
    echo.lag(this.echoLagMs);
    this.echo = echo;
    for (const publication of this.publications()) if (isEchoed(publication)) echo.add(publication);
    this.broadcast(echo.info());
    this.offer(...echo.publications);
  }

  detachEcho(): void {
    if (!this.echo) return;
    this.dismissEcho();
    if (this.isEmpty) this.emptied(this);
  }

  stallEcho(on: boolean): void {
    this.echoStalled = on;
    this.echo?.stall(on);
  }

  lagEcho(lagMs: number): void {
    this.echoLagMs = lagMs;
    this.echo?.lag(lagMs);
  }

  applyConditions(up: LinkConditions, down: LinkConditions): void {
    for (const { peers } of this.members) {
      for (const { ice } of peers?.transports ?? []) ice.applyConditions(up, down);
    }
  }

  publications(): Publication[] {
    return [...this.members.flatMap(({ uplinks }) => uplinks.publications), ...(this.echo?.publications ?? [])];
  }

  /** A track was muted or unmuted by its publisher. */
  trackChanged(participant: Participant, publication: Publication): void {
    this.announce(participant);
    if (this.echo?.follow(publication)) this.broadcast(this.echo.info());
  }

  announce(participant: Participant): void {
    if (participant.isHidden) participant.send(updateOf(participant.info()));
    else this.broadcast(participant.info());
  }

  /** Whoever takes its place is not in the room yet: that the room is empty now means nothing. */
  private dismiss(participant: Participant, action: LeaveRequest_Action | undefined, reason: DisconnectReason): void {
    this.participants.delete(participant.identity);
    if (action === LeaveRequest_Action.RECONNECT) this.expectRejoin(participant.identity);
    participant.close(action === undefined ? undefined : { action, reason });
    const info = participant.info();
    info.disconnectReason = reason;
    if (!participant.isHidden) this.broadcast(info);
  }

  private dismissEcho(): void {
    const { echo } = this;
    if (!echo) return;
    this.echo = undefined;
    for (const { info } of echo.publications) for (const member of this.members) member.unsubscribe(info.sid);
    echo.close();
    this.broadcast(echo.info(ParticipantInfo_State.DISCONNECTED));
  }

  private published(publication: Publication): void {
    const publisher = this.participants.get(publication.publisher.identity);
    if (publisher) this.announce(publisher);
    this.offer(publication);
    if (!this.echo || !isEchoed(publication)) return;
    const echoed = this.echo.add(publication);
    this.broadcast(this.echo.info());
    this.offer(echoed);
  }

  private unpublished(publication: Publication): void {
    const gone = [publication];
    const echoed = this.echo?.remove(publication.info.sid);
    if (echoed) gone.push(echoed);
    const publisher = this.participants.get(publication.publisher.identity);
    if (publisher) this.announce(publisher);
    if (this.echo && echoed) this.broadcast(this.echo.info());
    for (const { info } of gone) for (const member of this.members) member.unsubscribe(info.sid);
  }

  private offer(...publications: Publication[]): void {
    for (const publication of publications) {
      for (const member of this.members) if (member !== publication.publisher) member.offerTrack(publication);
    }
  }

  private broadcast(info: ParticipantInfo): void {
    for (const member of this.members) member.send(updateOf(info));
  }
}

function updateOf(info: ParticipantInfo) {
  return { case: 'update' as const, value: new ParticipantUpdate({ participants: [info] }) };
}

function isEchoed({ publisher }: Publication): boolean {
  return !(publisher instanceof EchoParticipant) && !isService(publisher);
}

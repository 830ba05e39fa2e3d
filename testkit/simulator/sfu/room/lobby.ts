import {
  AddTrackRequest,
  Codec,
  DisconnectReason,
  JoinResponse,
  LeaveRequest,
  LeaveRequest_Action,
  ParticipantUpdate,
  ReconnectResponse,
  ServerInfo,
  ServerInfo_Edition,
  TrackSource,
  TrackType,
} from '@livekit/protocol';
import type { WebSocket } from 'ws';

import type { AccessGrant } from '../access-token.js';
import type { LinkBoard } from '../faults/media-faults.js';
import type { IceLite } from '../ice/ice-lite.js';
import type { TransportParameters } from '../sdp/write.js';
import { DualPeerConnection } from '../signal/dual-peer-connection.js';
import type { ClientIntroduction, SignalVersion } from '../signal/join-request.js';
import type { PeerConnectionEvents, PeerConnections } from '../signal/peer-connections.js';
import { PlainPeerConnection } from '../signal/plain-peer-connection.js';
import { handleRequest } from '../signal/requests.js';
import { SignalSocket } from '../signal/signal-socket.js';
import { SinglePeerConnection } from '../signal/single-peer-connection.js';
import { MediaTransport, type MediaTransportEvents } from '../transport/media-transport.js';
import { type Certificate, type Fingerprint, fingerprintOf } from '../transport/secure-link.js';
import { Participant } from './participant.js';
import { Room } from './room.js';
import { newSid } from './sid.js';

const serverVersion = '1.9.0';
const pingIntervalSeconds = 5;
const pingTimeoutSeconds = 15;
const silenceCheckMs = 5000;
/**
 * livekit-client with one peer connection swallows the room events of the first two seconds after a
 * full reconnect, so a track that is there too early would never be seen.
 */
const holdAfterRejoinMs = 2500;

/** A client without LiveKit signalling. */
export interface PlainPeer {
  readonly room: string;
  readonly identity: string;
  /** `false`: it watches only; what it sends is not passed on. */
  readonly canPublish: boolean;
}

/** Lets clients into rooms, and back into them. */
export class Lobby {
  readonly rooms = new Map<string, Room>();
  /** While set, no session can be resumed. */
  refuseResume = false;
  private readonly nodeId = newSid('ND');
  private readonly fingerprint: Fingerprint;
  private lastSilenceCheckMs = 0;

  constructor(
    private readonly ice: IceLite,
    private readonly certificate: Certificate,
    private readonly links: LinkBoard,
  ) {
    this.fingerprint = fingerprintOf(certificate);
  }

  room(name: string): Room {
    let room = this.rooms.get(name);
    if (!room) {
      room = new Room(name, (emptied) => {
        if (this.rooms.get(name) === emptied) this.rooms.delete(name);
      });
      this.rooms.set(name, room);
    }
    return room;
  }

  /** A client with a good token opened a signalling socket. */
  admit(socket: WebSocket, introduction: ClientIntroduction, grant: AccessGrant): void {
    const room = this.rooms.get(grant.room);
    if (introduction.reconnect) {
      const participant = this.refuseResume ? undefined : room?.find(introduction.participantSid);
      if (room && participant?.identity === grant.identity) this.resume(socket, participant, room);
      else this.sendAway(socket, grant);
      return;
    }
    this.join(socket, introduction, grant, this.room(grant.room));
  }

  /**
   * A client without LiveKit signalling: its offer in, the answer out; again for each later offer of the same
   * identity. It receives what the service sends, never another client's tracks. `undefined`: no SDP.
   */
  answer(offer: string, { room: name, identity, canPublish }: PlainPeer): string | undefined {
    const room = this.room(name);
    const known = room.members.find((member) => member.identity === identity)?.peers;
    if (known instanceof PlainPeerConnection) return known.answer(offer);
    const grant = {
      room: name,
      identity,
      name: identity,
      metadata: '',
      attributes: {},
      canPublish,
      canSubscribe: true,
      canPublishData: canPublish,
      canUpdateOwnMetadata: false,
    };
    const participant = new Participant({ ...grant, hidden: false }, true, room.participantEvents);
    const { peerEvents } = participant;
    const events: PeerConnectionEvents = {
      ...peerEvents,
      uplinksOffered: (sections, transport) => {
        // Tracks are not announced here: a media section that sends is enough.
        const named = sections.map((section) => ({ ...section, trackId: section.trackId ?? section.mid }));
        for (const { kind, trackId: cid } of named) {
          const type = kind === 'video' ? TrackType.VIDEO : TrackType.AUDIO;
          const source = kind === 'video' ? TrackSource.CAMERA : TrackSource.MICROPHONE;
          participant.uplinks.announce(new AddTrackRequest({ cid, type, source }));
        }
        peerEvents.uplinksOffered(named, transport);
      },
    };
    const transport = this.transport({
      connected: () => events.connected(),
      closed: () => events.closed(),
      dataReceived: () => {},
    });
    const peers = new PlainPeerConnection(transport, this.parameters, events, `${participant.sid}-service`);
    participant.peers = peers;
    room.add(participant);
    const { up, down } = this.links.of(name);
    transport.ice.applyConditions(up, down);
    const answer = peers.answer(offer);
    if (answer === undefined) room.remove(participant, undefined, DisconnectReason.JOIN_FAILURE);
    return answer;
  }

  tick(nowMs: number, wallClockMs: number): void {
    const looksForSilence = nowMs - this.lastSilenceCheckMs > silenceCheckMs;
    if (looksForSilence) this.lastSilenceCheckMs = nowMs;
    for (const room of this.rooms.values()) {
      for (const member of room.members) {
        for (const transport of member.peers?.transports ?? []) transport.tick(nowMs, wallClockMs);
        if (looksForSilence) member.dropSilentSignal();
      }
    }
  }

  private join(socket: WebSocket, introduction: ClientIntroduction, grant: AccessGrant, room: Room): void {
    room.makeWayFor(grant.identity);
    const participant = new Participant(grant, introduction.autoSubscribe, room.participantEvents);
    const peers = this.connect(introduction.version, participant);
    participant.peers = peers;
    this.attach(socket, participant, room);
    participant.send({
      case: 'join',
      value: new JoinResponse({
        room: room.info(),
        participant: participant.info(),
        otherParticipants: room.othersOf(participant),
        serverVersion,
        serverInfo: this.serverInfo(),
        subscriberPrimary: peers.subscriberPrimary,
        pingInterval: pingIntervalSeconds,
        pingTimeout: pingTimeoutSeconds,
        iceServers: [],
        enabledPublishCodecs: ['video/VP8', 'video/H264', 'video/VP9', 'audio/opus'].map((mime) => new Codec({ mime })),
        fastPublish: true,
      }),
    });
    const isRejoin = room.takeRejoin(grant.identity);
    room.add(participant);
    const { up, down } = this.links.of(room.name);
    for (const { ice } of peers.transports) ice.applyConditions(up, down);
    if (isRejoin && introduction.isJavaScript && introduction.version === 'v1') {
      participant.holdSubscriptions(holdAfterRejoinMs);
    }
    if (introduction.offer) peers.handleOffer(introduction.offer);
    peers.begin();
  }

  private resume(socket: WebSocket, participant: Participant, room: Room): void {
    this.attach(socket, participant, room);
    participant.send({
      case: 'reconnect',
      value: new ReconnectResponse({
        iceServers: [],
        serverInfo: this.serverInfo(),
        lastMessageSeq: participant.lastDataSequence,
      }),
    });
    const participants = [participant.info(), ...room.othersOf(participant)];
    participant.send({ case: 'update', value: new ParticipantUpdate({ participants }) });
    participant.peers?.resume();
  }

  private sendAway(socket: WebSocket, grant: AccessGrant): void {
    // Not in a room made for it: nobody might ever come, and so nobody leave it.
    this.rooms.get(grant.room)?.expectRejoin(grant.identity);
    const signal = new SignalSocket(socket, { request: () => {}, closed: () => {} });
    signal.send({
      case: 'leave',
      value: new LeaveRequest({
        action: LeaveRequest_Action.RECONNECT,
        reason: DisconnectReason.STATE_MISMATCH,
        canReconnect: true,
      }),
    });
    signal.close();
  }

  private attach(socket: WebSocket, participant: Participant, room: Room): void {
    const signal = new SignalSocket(socket, {
      request: (message) => handleRequest(message, participant, room),
      closed: () => participant.signalClosed(signal),
    });
    participant.attachSignal(signal);
  }

  private connect(version: SignalVersion, participant: Participant): PeerConnections {
    const events: PeerConnectionEvents = participant.peerEvents;
    const { parameters } = this;
    const preferred = participant.uplinks.preferredCodec.bind(participant.uplinks);
    const primary: MediaTransportEvents = {
      connected: () => events.connected(),
      closed: () => events.closed(),
      dataReceived: (label, message) => events.dataReceived(label, message),
    };
    if (version === 'v1') {
      return new SinglePeerConnection(this.transport(primary), parameters, events, preferred);
    }
    const publisher = this.transport({ ...primary, connected: () => {}, closed: () => {} });
    return new DualPeerConnection(publisher, this.transport(primary), parameters, events, preferred);
  }

  private readonly parameters = (transport: MediaTransport): TransportParameters => ({
    ufrag: transport.ice.credentials.ufrag,
    password: transport.ice.credentials.password,
    fingerprint: this.fingerprint,
    candidates: this.ice.addresses.map((address) => ({ address, port: this.ice.port })),
  });

  private transport(events: MediaTransportEvents): MediaTransport {
    return new MediaTransport(this.ice.open(), this.certificate, events);
  }

  private serverInfo(): ServerInfo {
    return new ServerInfo({
      edition: ServerInfo_Edition.Standard,
      version: serverVersion,
      protocol: 16,
      nodeId: this.nodeId,
      region: '',
    });
  }
}

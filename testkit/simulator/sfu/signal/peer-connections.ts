import type { SessionDescription, SignalResponse } from '@livekit/protocol';

import type { Subscription } from '../room/subscription.js';
import type { SdpSection } from '../sdp/session.js';
import type { MediaTransport } from '../transport/media-transport.js';

/** Events of the media side, for the participant. */
export interface PeerConnectionEvents {
  send(message: SignalResponse['message']): void;
  /** The connection that decides about being in the room is up. */
  connected(): void;
  /** The client closed its side. */
  closed(): void;
  /** All sections in which the client sends a track, with each offer. */
  uplinksOffered(sections: readonly SdpSection[], transport: MediaTransport): void;
  /** The client stopped sending in this section. */
  uplinkStopped(mid: string): void;
  /** The subscriber is about to receive this track. */
  subscriptionStarted(subscription: Subscription): void;
  dataReceived(label: string, message: Buffer): void;
}

/** The peer connections of one participant: one of them (v1 signalling) or one each way (v0). */
export interface PeerConnections {
  readonly subscriberPrimary: boolean;
  readonly transports: readonly MediaTransport[];
  readonly isConnected: boolean;
  handleOffer(offer: Pick<SessionDescription, 'sdp' | 'id'>): void;
  handleAnswer(answer: Pick<SessionDescription, 'sdp' | 'id'>): void;
  /** Called once the participant has its join response. */
  begin(): void;
  /** Called when the client came back on a new signalling socket. */
  resume(): void;
  subscribe(subscription: Subscription): void;
  unsubscribe(subscription: Subscription): void;
  sendData(label: string, message: Buffer): void;
  close(): void;
}

import { randomInt } from 'node:crypto';

import type { IceSession } from '../ice/ice-lite.js';
import type { DownlinkTrack } from '../rtp/downlink-track.js';
import { parseRtcp, type RtcpMessage, writeReceiverReport } from '../rtp/rtcp.js';
import { parseRtp, type RtpPacket, readRtpExtension } from '../rtp/rtp-packet.js';
import { TransportFeedback } from '../rtp/transport-feedback.js';
import type { UplinkTrack } from '../rtp/uplink-track.js';
import { headerExtension } from '../sdp/header-extensions.js';
import type { RemoteDescription } from '../sdp/session.js';
import { type Certificate, type DataChannel, SecureLink } from './secure-link.js';

export interface MediaTransportEvents {
  connected(): void;
  /** The peer is gone for good: it closed, or the handshake failed. */
  closed(): void;
  dataReceived(label: string, message: Buffer): void;
}

const feedbackEveryMs = 40;
const reportEveryMs = 1000;
const maxReportBlocks = 31;
const reliableLabel = '_reliable';
const maxWaitingData = 256;

/** One peer connection as the server sees it: an ICE session, a secure link and the RTP plane on top. */
export class MediaTransport {
  /** The SSRC of the server's own RTCP. */
  readonly senderSsrc = randomInt(1, 0x7fff_ffff);
  private readonly link: SecureLink;
  private readonly feedback = new TransportFeedback(this.senderSsrc);
  private readonly extensions = new Map<string, number>();
  private readonly uplinksByMid = new Map<string, UplinkTrack>();
  private readonly routes = new Map<number, { track: UplinkTrack; layer: number }>();
  private readonly downlinks = new Map<number, DownlinkTrack>();
  private readonly channels = new Map<string, DataChannel>();
  private readonly waitingData: Buffer[] = [];
  private lastFeedbackMs = 0;
  private lastReportMs = 0;
  private lastMediaSsrc = 0;
  private remoteUfrag: string | undefined;
  private closed = false;

  constructor(
    readonly ice: IceSession,
    certificate: Certificate,
    events: MediaTransportEvents,
  ) {
    this.link = new SecureLink(certificate, {
      transmit: (datagram) => ice.send(datagram),
      connected: () => events.connected(),
      closed: () => {
        if (!this.closed) events.closed();
      },
      dataChannelOpened: (channel) => this.dataChannelOpened(channel),
      dataReceived: (channel, message) => events.dataReceived(channel.label, message),
    });
    ice.onConnected = () => this.link.pathUp();
    ice.onDatagram = (datagram) => this.receive(datagram);
  }

  get isConnected(): boolean {
    return this.link.isConnected;
  }

  /** Takes over credentials and header extensions of the peer's description. A new ufrag restarts ICE. */
  applyRemote(description: RemoteDescription, role: 'offerer' | 'answerer'): void {
    if (role === 'offerer' && this.remoteUfrag !== undefined && description.ufrag !== this.remoteUfrag) {
      this.ice.restart();
    }
    if (description.ufrag !== '') this.remoteUfrag = description.ufrag;
    for (const section of description.sections) {
      // No others: a client may offer any number of them, again and again.
      for (const uri of Object.values(headerExtension)) {
        const id = section.extensions.get(uri);
        if (id !== undefined) this.extensions.set(uri, id);
      }
    }
    if (description.fingerprint) this.link.setRemoteFingerprint(description.fingerprint);
  }

  bindUplink(mid: string, ssrcs: readonly number[], track: UplinkTrack): void {
    this.uplinksByMid.set(mid, track);
    const only = track.layerOf(undefined);
    if (only !== undefined) for (const ssrc of ssrcs) this.routes.set(ssrc, { track, layer: only });
  }

  unbindUplink(mid: string): void {
    const track = this.uplinksByMid.get(mid);
    this.uplinksByMid.delete(mid);
    for (const [ssrc, route] of this.routes) if (route.track === track) this.routes.delete(ssrc);
  }

  addDownlink(track: DownlinkTrack): void {
    this.downlinks.set(track.ssrc, track);
  }

  removeDownlink(track: DownlinkTrack): void {
    this.downlinks.delete(track.ssrc);
  }

  openDataChannel(label: string, options: { ordered: boolean; maxRetransmits?: number }): void {
    this.link.openDataChannel(label, options);
  }

  /** Sends on the channel of this label. Reliable messages wait for a channel that is not open yet. */
  sendData(label: string, message: Buffer): void {
    const channel = this.channels.get(label);
    if (channel?.isOpen) {
      channel.send(message);
    } else if (label === reliableLabel && this.waitingData.length < maxWaitingData) {
      this.waitingData.push(message);
    }
  }

  sendRtp(header: ReturnType<typeof Buffer.alloc>, payload: Buffer): Buffer | undefined {
    return this.link.sendRtp(header, payload);
  }

  sendAgain(datagram: Buffer): void {
    this.ice.send(datagram);
  }

  sendRtcp(compound: Buffer): void {
    this.link.sendRtcp(compound);
  }

  /** Does what is due: called every few milliseconds with a monotonic clock. */
  tick(nowMs: number, wallClockMs: number): void {
    if (!this.link.isConnected) return;
    for (const track of this.uplinksByMid.values()) track.repairLosses(nowMs);
    if (nowMs - this.lastFeedbackMs >= feedbackEveryMs) {
      this.lastFeedbackMs = nowMs;
      for (const packet of this.feedback.flush(this.lastMediaSsrc)) this.link.sendRtcp(packet);
    }
    if (nowMs - this.lastReportMs >= reportEveryMs) {
      this.lastReportMs = nowMs;
      this.sendReports(nowMs, wallClockMs);
    }
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.link.close();
    this.ice.close();
  }

  private dataChannelOpened(channel: DataChannel): void {
    this.channels.set(channel.label, channel);
    if (channel.label !== reliableLabel) return;
    for (const message of this.waitingData.splice(0)) channel.send(message);
  }

  private sendReports(nowMs: number, wallClockMs: number): void {
    const blocks = [...this.uplinksByMid.values()].flatMap((track) => track.reports(nowMs));
    for (let at = 0; at < blocks.length; at += maxReportBlocks) {
      this.link.sendRtcp(writeReceiverReport(this.senderSsrc, blocks.slice(at, at + maxReportBlocks)));
    }
    for (const downlink of this.downlinks.values()) {
      const report = downlink.senderReport(nowMs, wallClockMs);
      if (report) this.link.sendRtcp(report);
    }
  }

  private receive(datagram: Buffer): void {
    const first = datagram[0] ?? 0;
    if (first >= 20 && first <= 63) {
      this.link.receiveDtls(datagram);
    } else if (first >= 128 && first <= 191 && datagram.length > 1) {
      const type = datagram[1] ?? 0;
      if (type >= 192 && type <= 223) this.receiveRtcp(datagram);
      else this.receiveRtp(datagram);
    }
  }

  private receiveRtp(datagram: Buffer): void {
    const decrypted = this.link.decryptRtp(datagram);
    const packet = decrypted && parseRtp(decrypted);
    if (!packet) return;
    const nowMs = performance.now();
    this.noteTransportSequence(packet, nowMs);
    const route = this.routes.get(packet.ssrc) ?? this.route(packet);
    if (!route) return;
    this.lastMediaSsrc = packet.ssrc;
    route.track.receive(packet, route.layer, nowMs);
  }

  private noteTransportSequence(packet: RtpPacket, nowMs: number): void {
    const id = this.extensions.get(headerExtension.transportSequence);
    const value = id === undefined ? undefined : readRtpExtension(packet, id);
    if (value && value.length >= 2) this.feedback.received(value.readUInt16BE(0), nowMs * 1000);
  }

  private route(packet: RtpPacket): { track: UplinkTrack; layer: number } | undefined {
    const text = (uri: string) => {
      const id = this.extensions.get(uri);
      return id === undefined ? undefined : readRtpExtension(packet, id)?.toString('latin1');
    };
    const mid = text(headerExtension.mid);
    const track = mid === undefined ? undefined : this.uplinksByMid.get(mid);
    const layer = track?.layerOf(text(headerExtension.rid));
    if (!track || layer === undefined) return undefined;
    const route = { track, layer };
    this.routes.set(packet.ssrc, route);
    return route;
  }

  private receiveRtcp(datagram: Buffer): void {
    const decrypted = this.link.decryptRtcp(datagram);
    if (!decrypted) return;
    const nowMs = performance.now();
    for (const message of parseRtcp(decrypted)) this.handleRtcp(message, nowMs);
  }

  private handleRtcp(message: RtcpMessage, nowMs: number): void {
    switch (message.kind) {
      case 'senderReport':
        this.routes.get(message.ssrc)?.track.senderReported(message.ssrc, message.ntpMiddle32, nowMs);
        return;
      case 'nack':
        this.downlinks.get(message.mediaSsrc)?.repeat(message.sequenceNumbers);
        return;
      case 'pictureLoss':
        this.downlinks.get(message.mediaSsrc)?.requestKeyframe();
        return;
      case 'fullIntraRequest':
        for (const ssrc of message.mediaSsrcs) this.downlinks.get(ssrc)?.requestKeyframe();
        return;
      default:
        return;
    }
  }
}

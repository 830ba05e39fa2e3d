import {
  Event,
  type RTCCertificate,
  RTCDataChannel,
  RTCDataChannelParameters,
  RTCDtlsFingerprint,
  RTCDtlsParameters,
  RTCDtlsTransport,
  type RTCIceTransport,
  RTCSctpTransport,
} from 'werift';

import { type OwnedBuffer, SrtpLink } from './srtp-link.js';

/** A certificate fingerprint as SDP carries it (RFC 8122), e.g. `sha-256` and `AB:CD:…`. */
export interface Fingerprint {
  readonly algorithm: string;
  readonly value: string;
}

export interface DataChannel {
  readonly label: string;
  readonly isOpen: boolean;
  send(message: Buffer): void;
}

export interface SecureLinkEvents {
  /** Puts one datagram on the wire. */
  transmit(datagram: Buffer): void;
  /** DTLS is done: media can flow. */
  connected(): void;
  /** The peer closed, or the handshake failed. */
  closed(): void;
  dataChannelOpened(channel: DataChannel): void;
  dataReceived(channel: DataChannel, message: Buffer): void;
}

/** The one certificate of this process. */
export type Certificate = RTCCertificate;

export function createCertificate(): Promise<Certificate> {
  return RTCDtlsTransport.SetupCertificate();
}

export function fingerprintOf(certificate: Certificate): Fingerprint {
  const [fingerprint] = certificate.getFingerprints();
  if (!fingerprint) throw new Error('The certificate has no fingerprint.');
  return { algorithm: fingerprint.algorithm, value: fingerprint.value };
}

const aes128Gcm = 7;
const aes128CmSha1Tag80 = 1;
const sctpPort = 5000;
const maxMessageBytes = 262_144;
const maxEarlyDatagrams = 16;
/** Thrown into werift with the last datagram of flight 4, before it starts its timers; see `leaveRepeatsToPeer`. */
const flightSent = new Error('Flight 4 is sent.');

/**
 * DTLS, SRTP and SCTP of one peer, always as the DTLS server. This and `SrtpLink` are the
 * only places that touch werift: of it come the handshake, the ciphers and SCTP; everything about
 * RTP is done elsewhere.
 */
export class SecureLink {
  private readonly dtls: RTCDtlsTransport;
  private readonly sctp: RTCSctpTransport;
  private readonly fromWire = new Event<[Buffer]>();
  private readonly early: Buffer[] = [];
  private readonly toOpen: (() => void)[] = [];
  /** Keys are there while the link is connected, and only then. */
  private srtp: SrtpLink | undefined;
  private state: 'new' | 'connecting' | 'connected' | 'closed' = 'new';
  private pathIsUp = false;
  private hasFingerprint = false;

  constructor(
    certificate: Certificate,
    private readonly events: SecureLinkEvents,
  ) {
    const ice = {
      role: 'controlled',
      state: 'new',
      localParameters: {},
      stop: async () => {},
      connection: {
        onData: this.fromWire,
        send: (datagram: Buffer) => this.transmitDtls(datagram),
        close: async () => {},
      },
    };
    // werift asks for its own ICE transport class, but of it uses only what stands here.
    this.dtls = new RTCDtlsTransport({ debug: {} }, ice as unknown as RTCIceTransport, certificate, [
      aes128Gcm,
      aes128CmSha1Tag80,
    ]);
    this.dtls.role = 'server';
    this.dtls.onStateChange.subscribe((state) => {
      if (state === 'closed' || state === 'failed') this.ended();
    });
    this.sctp = new RTCSctpTransport(sctpPort, maxMessageBytes);
    this.sctp.onDataChannel.subscribe((channel) => this.adopt(channel));
  }

  get isConnected(): boolean {
    return this.state === 'connected';
  }

  /** ICE found a path. The handshake starts when the fingerprint is known too. */
  pathUp(): void {
    this.pathIsUp = true;
    this.startWhenReady();
  }

  setRemoteFingerprint(fingerprint: Fingerprint): void {
    if (this.hasFingerprint) return;
    this.hasFingerprint = true;
    this.dtls.setRemoteParams(
      new RTCDtlsParameters([new RTCDtlsFingerprint(fingerprint.algorithm, fingerprint.value)], 'client'),
    );
    this.startWhenReady();
  }

  /** Takes a DTLS datagram from the wire. Never throws. */
  receiveDtls(datagram: Buffer): void {
    if (this.state === 'closed') return;
    if (this.state === 'new') {
      if (this.early.length < maxEarlyDatagrams) this.early.push(Buffer.from(datagram));
      return;
    }
    // A ClientHello on an established connection would make werift forget its keys.
    if (this.state === 'connected' && isClearClientHello(datagram)) return;
    try {
      this.fromWire.execute(datagram);
    } catch {
      // Not a DTLS record: as good as lost.
    }
  }

  /** Decrypts an SRTP datagram; `undefined` when it is not authentic. Never throws. */
  decryptRtp(datagram: Buffer): Buffer | undefined {
    return this.srtp?.decryptRtp(datagram);
  }

  /** Decrypts an SRTCP datagram; `undefined` when it is not authentic. Never throws. */
  decryptRtcp(datagram: Buffer): Buffer | undefined {
    return this.srtp?.decryptRtcp(datagram);
  }

  /** Encrypts and sends one RTP packet. Gives back the datagram for sending it again, or nothing when not connected. */
  sendRtp(header: OwnedBuffer, payload: Buffer): Buffer | undefined {
    if (!this.srtp) return undefined;
    const datagram = this.srtp.encryptRtp(header, payload);
    this.events.transmit(datagram);
    return datagram;
  }

  /** Encrypts and sends one compound RTCP packet. */
  sendRtcp(compound: Buffer): void {
    if (this.srtp) this.events.transmit(this.srtp.encryptRtcp(compound));
  }

  /** Opens a channel from this side as soon as there is an association; see `dataChannelOpened`. */
  openDataChannel(label: string, options: { ordered: boolean; maxRetransmits?: number }): void {
    const open = () => {
      const parameters = new RTCDataChannelParameters({ label, protocol: '', ...options });
      this.adopt(new RTCDataChannel(this.sctp, parameters));
    };
    if (this.state === 'new') this.toOpen.push(open);
    else if (this.state !== 'closed') open();
  }

  close(): void {
    if (this.state === 'closed') return;
    const wasStarted = this.state !== 'new';
    this.state = 'closed';
    this.srtp = undefined;
    this.fromWire.allUnsubscribe();
    if (!wasStarted) return;
    // Sending to a peer that is leaving may fail; nothing waits for it.
    this.sctp.stop().catch(() => {});
    this.dtls.stop().catch(() => {});
  }

  private startWhenReady(): void {
    if (this.state !== 'new' || !this.pathIsUp || !this.hasFingerprint) return;
    this.state = 'connecting';
    this.attachSctp();
    for (const open of this.toOpen.splice(0)) open();
    this.dtls.start().then(
      () => this.established(),
      () => this.ended(),
    );
    this.leaveRepeatsToPeer();
    for (const datagram of this.early.splice(0)) this.receiveDtls(datagram);
  }

  /**
   * werift would repeat its flight 4 by timers that nothing can cancel: they outlive the server. Here the peer repeats
   * flight 3 when the answer is lost (RFC 6347 §4.2.4), and werift answers again.
   */
  private leaveRepeatsToPeer(): void {
    const server = this.dtls.dtls;
    if (!server) return;
    const { onHandleHandshakes: handle } = server;
    server.onHandleHandshakes = (messages) =>
      handle(messages).catch((error) => {
        if (error !== flightSent) throw error;
      });
  }

  private transmitDtls(datagram: Buffer): void {
    this.events.transmit(datagram);
    const context = this.dtls.dtls?.dtls;
    if (context?.flight === 4 && datagram === context.lastMessage.at(-1)) throw flightSent;
  }

  private established(): void {
    if (this.state !== 'connecting') return;
    this.state = 'connected';
    this.srtp = new SrtpLink(this.dtls.srtp, this.dtls.srtcp);
    this.sctp.setRemoteMaxMessageSize(maxMessageBytes);
    this.sctp.start(sctpPort).catch(() => this.ended());
    // RFC 8832 §6: a DTLS server opens channels with odd ids.
    (this.sctp as unknown as { dataChannelId: number }).dataChannelId = 1;
    this.events.connected();
  }

  private ended(): void {
    if (this.state === 'closed') return;
    this.close();
    this.events.closed();
  }

  /** werift's own handlers reject on a broken chunk or message, and nothing would catch that. */
  private attachSctp(): void {
    const channels = this.sctp as unknown as { datachannelReceive: (...args: unknown[]) => Promise<void> };
    const receive = channels.datachannelReceive;
    channels.datachannelReceive = (...args) => receive(...args).catch(() => {});
    this.sctp.setDtlsTransport(this.dtls);
    const association = this.sctp.sctp as unknown as { handleData: (packet: Buffer) => Promise<void> };
    this.dtls.dataReceiver = (packet) => {
      association.handleData(packet).catch(() => {});
    };
  }

  private adopt(channel: RTCDataChannel): void {
    const adopted: DataChannel = {
      label: channel.label,
      get isOpen() {
        return channel.readyState === 'open';
      },
      send: (message) => channel.send(message),
    };
    channel.onMessage.subscribe((message) => {
      this.events.dataReceived(adopted, typeof message === 'string' ? Buffer.from(message) : message);
    });
    if (channel.readyState === 'open') this.events.dataChannelOpened(adopted);
    else {
      channel.stateChanged.subscribe((state) => {
        if (state === 'open') this.events.dataChannelOpened(adopted);
      });
    }
  }
}

function isClearClientHello(datagram: Buffer): boolean {
  return datagram[0] === 22 && datagram[3] === 0 && datagram[4] === 0 && datagram[13] === 1;
}

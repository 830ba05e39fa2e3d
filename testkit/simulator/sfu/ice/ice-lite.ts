import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

import { ConditionedLink } from '../faults/conditioned-link.js';
import type { LinkConditions } from '../faults/link-conditions.js';
import { isStun, parseBindingRequest, writeBindingSuccess } from './stun.js';

export interface IceCredentials {
  readonly ufrag: string;
  readonly password: string;
}

interface RemoteAddress {
  readonly address: string;
  readonly port: number;
}

const addressKey = (remote: RemoteAddress) => `${remote.address}|${remote.port}`;

/** One peer on the shared socket. Survives ICE restarts; only its credentials change. */
export class IceSession {
  credentials: IceCredentials;
  /** Milliseconds (monotonic) of the last datagram that came in, STUN included. */
  lastReceivedMs = performance.now();
  /** The first verified binding request made the path usable. */
  onConnected: () => void = () => {};
  onDatagram: (datagram: Buffer) => void = () => {};

  private remote: RemoteAddress | undefined;
  private closed = false;
  private readonly up: ConditionedLink;
  private readonly down: ConditionedLink;

  /** Made by `IceLite.open`. */
  constructor(
    private readonly lite: IceLite,
    random: () => number,
  ) {
    this.credentials = newCredentials();
    this.up = new ConditionedLink(random);
    this.down = new ConditionedLink(random);
  }

  /** New credentials on the same session (ICE restart). The old ones stay valid until the next restart. */
  restart(): void {
    this.credentials = newCredentials();
    this.lite.register(this);
  }

  /** `up`: from the client to the server. */
  applyConditions(up: LinkConditions, down: LinkConditions): void {
    this.up.apply(up);
    this.down.apply(down);
  }

  send(datagram: Buffer): void {
    const remote = this.remote;
    if (!remote || this.closed) return;
    this.down.pass(datagram.length, () => {
      if (!this.closed) this.lite.sendTo(datagram, remote);
    });
  }

  receive(datagram: Buffer, from: RemoteAddress): void {
    this.up.pass(datagram.length, () => {
      if (this.closed) return;
      this.lastReceivedMs = performance.now();
      if (isStun(datagram)) this.answerBinding(datagram, from);
      else this.onDatagram(datagram);
    });
  }

  close(): void {
    this.closed = true;
    this.up.close();
    this.down.close();
    this.lite.forget(this);
  }

  private answerBinding(datagram: Buffer, from: RemoteAddress): void {
    const request = parseBindingRequest(datagram);
    if (!request) return;
    const password = this.lite.passwordOf(request.localUfrag);
    if (password === undefined || !request.verify(password)) return;
    const isFirst = this.remote === undefined;
    if (isFirst || request.useCandidate) {
      this.remote = from;
      this.lite.route(from, this);
    }
    const answer = writeBindingSuccess(request, from, password);
    this.down.pass(answer.length, () => {
      if (!this.closed) this.lite.sendTo(answer, from);
    });
    if (isFirst) this.onConnected();
  }
}

/** An ICE-lite agent (RFC 8445 §2.5) for all peers on one UDP socket. */
export class IceLite {
  private readonly byUfrag = new Map<string, { session: IceSession; password: string }>();
  private readonly byAddress = new Map<string, IceSession>();
  packetsIn = 0;
  packetsOut = 0;
  /** Datagrams whose handling threw: always 0 unless there is a bug here. */
  mishandled = 0;

  private constructor(
    private readonly socket: Socket,
    private readonly random: () => number,
    /** The addresses offered to peers. */
    readonly addresses: readonly string[],
    readonly port: number,
  ) {
    socket.on('message', (datagram, from) => {
      try {
        this.dispatch(datagram, from);
      } catch {
        // One bad datagram must not end everybody's session; it shows in the statistics.
        this.mishandled += 1;
      }
    });
    // A peer that went away answers with ICMP; on loopback that surfaces here and means nothing.
    socket.on('error', () => {});
  }

  static async listen(host: string, addresses: readonly string[], random: () => number): Promise<IceLite> {
    const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4' });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ address: host, port: 0 }, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    try {
      socket.setRecvBufferSize(4 << 20);
      socket.setSendBufferSize(4 << 20);
    } catch {
      // The system's own limits stay: less room for bursts, nothing else.
    }
    return new IceLite(socket, random, addresses, socket.address().port);
  }

  open(): IceSession {
    const session = new IceSession(this, this.random);
    this.register(session);
    return session;
  }

  register(session: IceSession): void {
    const { ufrag, password } = session.credentials;
    const known = [...this.byUfrag].filter(([, entry]) => entry.session === session).map(([key]) => key);
    // Two generations at most: the one in use and the one being restarted to.
    for (const old of known.slice(0, -1)) this.byUfrag.delete(old);
    this.byUfrag.set(ufrag, { session, password });
  }

  passwordOf(ufrag: string): string | undefined {
    return this.byUfrag.get(ufrag)?.password;
  }

  route(from: RemoteAddress, session: IceSession): void {
    this.byAddress.set(addressKey(from), session);
  }

  forget(session: IceSession): void {
    for (const [ufrag, entry] of this.byUfrag) if (entry.session === session) this.byUfrag.delete(ufrag);
    for (const [key, known] of this.byAddress) if (known === session) this.byAddress.delete(key);
  }

  sendTo(datagram: Buffer, to: RemoteAddress): void {
    this.packetsOut += 1;
    this.socket.send(datagram, to.port, to.address);
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.socket.close(() => resolve()));
    this.byUfrag.clear();
    this.byAddress.clear();
  }

  private dispatch(datagram: Buffer, from: RemoteAddress): void {
    this.packetsIn += 1;
    if (isStun(datagram)) {
      const request = parseBindingRequest(datagram);
      const entry = request && this.byUfrag.get(request.localUfrag);
      entry?.session.receive(datagram, from);
      return;
    }
    this.byAddress.get(addressKey(from))?.receive(datagram, from);
  }
}

function newCredentials(): IceCredentials {
  return { ufrag: randomBytes(6).toString('hex'), password: randomBytes(18).toString('hex') };
}

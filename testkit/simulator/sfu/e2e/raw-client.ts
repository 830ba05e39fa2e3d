import { createHmac, randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

import { JoinRequest, SessionDescription, SignalRequest, SignalResponse, WrappedJoinRequest } from '@livekit/protocol';
import { WebSocket } from 'ws';

import { createAccessToken, type MediaServer } from '../media-server.js';

type ResponseCase = NonNullable<SignalResponse['message']['case']>;
type ResponseOf<Case extends ResponseCase> = Extract<SignalResponse['message'], { case: Case }>['value'];

/** An offer as a client with one video section and data channels makes it. */
export const plainOffer = [
  'v=0',
  'o=- 1 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0 1 2',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=ice-ufrag:clnt',
  'a=ice-pwd:clientclientclientclient',
  `a=fingerprint:sha-256 ${new Array<string>(32).fill('AB').join(':')}`,
  'a=setup:actpass',
  'a=mid:0',
  'a=sctp-port:5000',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'c=IN IP4 0.0.0.0',
  'a=mid:1',
  'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid',
  'a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  'a=sendonly',
  'a=msid:stream camera',
  'a=rtcp-mux',
  'a=rtpmap:96 VP8/90000',
  'a=ssrc:1234 cname:x',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'c=IN IP4 0.0.0.0',
  'a=mid:2',
  'a=recvonly',
  'a=rtcp-mux',
  'a=rtpmap:96 VP8/90000',
  '',
].join('\r\n');

/** Speaks the wire protocol by hand, for saying things that no real client says. */
export class RawClient {
  private readonly responses: SignalResponse['message'][] = [];
  private waiting: (() => void) | undefined;
  private datagrams: Socket | undefined;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => {
      this.responses.push(SignalResponse.fromBinary(data).message);
      this.waiting?.();
    });
  }

  static async open(server: MediaServer, identity: string, offer: string | undefined = plainOffer): Promise<RawClient> {
    const { apiKey, apiSecret } = server;
    const token = await createAccessToken({ apiKey, apiSecret, room: 'raw', identity });
    const publisherOffer =
      offer === undefined ? undefined : new SessionDescription({ type: 'offer', sdp: offer, id: 1 });
    const join = new WrappedJoinRequest({ joinRequest: new JoinRequest({ publisherOffer }).toBinary() });
    const query = new URLSearchParams({
      access_token: token,
      join_request: Buffer.from(join.toBinary()).toString('base64url'),
    });
    const client = new RawClient(new WebSocket(`${server.url}/rtc/v1?${query}`));
    await once(client.socket, 'open');
    return client;
  }

  /** The next response of this kind; others before it are passed over. */
  async next<Case extends ResponseCase>(wanted: Case): Promise<ResponseOf<Case>> {
    for (;;) {
      const at = this.responses.findIndex((response) => response.case === wanted);
      if (at >= 0) return this.responses.splice(0, at + 1).at(-1)?.value as ResponseOf<Case>;
      await new Promise<void>((resolve) => {
        this.waiting = resolve;
      });
    }
  }

  request(message: SignalRequest['message']): void {
    this.socket.send(new SignalRequest({ message }).toBinary());
  }

  /** Does the ICE check, so that the server takes datagrams of any kind from here. */
  async connectPath(answer: string): Promise<(datagram: Uint8Array) => Promise<void>> {
    const value = (pattern: RegExp) => pattern.exec(answer)?.[1] ?? '';
    const port = Number(value(/a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+)/));
    const socket = createSocket('udp4');
    this.datagrams = socket;
    const send = (datagram: Uint8Array) =>
      new Promise<void>((resolve, reject) => {
        socket.send(datagram, port, '127.0.0.1', (error) => (error ? reject(error) : resolve()));
      });
    const answered = once(socket, 'message');
    const request = bindingRequest(`${value(/a=ice-ufrag:(\S+)/)}:clnt`, value(/a=ice-pwd:(\S+)/));
    await send(request);
    // Again until it is answered, as ICE has it: a receiver that is busy loses datagrams.
    const again = setInterval(() => void send(request), 100);
    await answered;
    clearInterval(again);
    return send;
  }

  async close(): Promise<void> {
    const { datagrams } = this;
    if (datagrams) await new Promise<void>((resolve) => datagrams.close(() => resolve()));
    if (this.socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.socket, 'close');
    this.socket.close();
    await closed;
  }
}

/** A STUN binding request with USE-CANDIDATE. */
export function bindingRequest(username: string, password: string): Buffer {
  const name = Buffer.from(username);
  const padded = Buffer.alloc(Math.ceil(name.length / 4) * 4);
  name.copy(padded);
  const head = Buffer.alloc(20);
  head.writeUInt16BE(1, 0);
  head.writeUInt32BE(0x2112a442, 4);
  randomBytes(12).copy(head, 8);
  const nameHead = Buffer.from([0, 6, 0, name.length]);
  const body = Buffer.concat([head, nameHead, padded, Buffer.from([0, 0x25, 0, 0])]);
  body.writeUInt16BE(body.length - 20 + 24, 2);
  return Buffer.concat([body, Buffer.from([0, 8, 0, 20]), createHmac('sha1', password).update(body).digest()]);
}

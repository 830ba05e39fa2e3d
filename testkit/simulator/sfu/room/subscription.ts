import { randomInt } from 'node:crypto';

import { DownlinkTrack } from '../rtp/downlink-track.js';
import { headerExtension } from '../sdp/header-extensions.js';
import type { SentStream } from '../sdp/write.js';
import type { MediaTransport } from '../transport/media-transport.js';
import type { Publication } from './publication.js';

/** One participant's wish to receive one track, and the stream that fulfils it. */
export class Subscription {
  private ssrc = randomInt(1, 0x7fff_ffff);
  private downlink: DownlinkTrack | undefined;
  private transport: MediaTransport | undefined;
  private settings: { maxLayer: number | undefined; disabled: boolean } = { maxLayer: undefined, disabled: false };

  constructor(readonly publication: Publication) {}

  get sentStream(): SentStream {
    const { publisher, info } = this.publication;
    return {
      ssrc: this.ssrc,
      cname: publisher.sid,
      streamId: `${publisher.sid}|${info.sid}`,
      trackId: info.sid,
    };
  }

  /** Starts forwarding in the media section that was negotiated for it, as the SSRC that an answer may have named. */
  start(
    transport: MediaTransport,
    mid: string,
    payloadType: number,
    extensions: ReadonlyMap<string, number>,
    ssrc = this.ssrc,
  ): void {
    if (this.downlink) return;
    this.ssrc = ssrc;
    const midId = extensions.get(headerExtension.mid) ?? 0;
    // A one-byte header extension: ids 1 to 14, values up to 16 bytes (RFC 8285 §4.2).
    const fits = midId >= 1 && midId <= 14 && mid.length >= 1 && Buffer.byteLength(mid) <= 16;
    this.transport = transport;
    this.downlink = new DownlinkTrack(this.publication.source, transport, {
      ssrc: this.ssrc,
      cname: this.publication.publisher.sid,
      payloadType,
      midExtension: fits ? { id: midId, value: Buffer.from(mid) } : undefined,
    });
    this.downlink.configure(this.settings);
    transport.addDownlink(this.downlink);
    this.publication.source.requestKeyframe(undefined);
  }

  configure(settings: { maxLayer: number | undefined; disabled: boolean }): void {
    this.settings = settings;
    this.downlink?.configure(settings);
  }

  close(): void {
    if (!this.downlink) return;
    this.transport?.removeDownlink(this.downlink);
    this.downlink.close();
    this.downlink = undefined;
  }
}

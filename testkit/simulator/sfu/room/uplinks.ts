import { type AddTrackRequest, type TrackInfo, TrackType } from '@livekit/protocol';

import { UplinkTrack } from '../rtp/uplink-track.js';
import type { SdpCodec, SdpSection } from '../sdp/session.js';
import { layersOf } from '../signal/uplink-answer.js';
import type { MediaTransport } from '../transport/media-transport.js';
import { type Publication, type Publisher, requestedCodec, setCodec, trackInfoFor } from './publication.js';
import { newSid } from './sid.js';

interface LocalTrack {
  readonly request: AddTrackRequest;
  readonly info: TrackInfo;
  /** Client ids this track may carry in an offer. */
  readonly cids: readonly string[];
  publication: (Publication & { readonly source: UplinkTrack }) | undefined;
  binding: { readonly section: SdpSection; readonly transport: MediaTransport } | undefined;
}

export interface UplinkEvents {
  /** Media of this track can be subscribed to from now on. */
  published(publication: Publication): void;
  unpublished(publication: Publication): void;
}

/** The tracks a participant announced, matched with the media sections that carry them. */
export class Uplinks {
  private readonly tracks = new Map<string, LocalTrack>();
  /** Sections that were offered before their track was announced. */
  private readonly unclaimed = new Map<string, { section: SdpSection; transport: MediaTransport }>();

  constructor(
    private readonly publisher: Publisher,
    private readonly events: UplinkEvents,
  ) {}

  get infos(): TrackInfo[] {
    return [...this.tracks.values()].filter(({ publication }) => publication).map(({ info }) => info);
  }

  get publications(): Publication[] {
    return [...this.tracks.values()].flatMap(({ publication }) => publication ?? []);
  }

  /** A client wants to publish. Gives the description to answer with; the same one when it asks twice. */
  announce(request: AddTrackRequest): TrackInfo {
    const known = [...this.tracks.values()].find(({ cids }) => cids.includes(request.cid));
    if (known) return known.info;
    const info = trackInfoFor(request, newSid('TR'));
    const cids = [request.cid, ...request.simulcastCodecs.map(({ cid }) => cid)].filter((cid) => cid !== '');
    const track: LocalTrack = { request, info, cids, publication: undefined, binding: undefined };
    this.tracks.set(info.sid, track);
    const offers = [...this.unclaimed.values()];
    const offer =
      offers.find(({ section }) => carries(section, track)) ?? offers.find(({ section }) => suits(section, track));
    if (offer) this.bind(track, offer.section, offer.transport);
    return info;
  }

  /** The codec the client asked for among those offered. */
  preferredCodec(section: SdpSection): SdpCodec | undefined {
    const tracks = [...this.tracks.values()];
    const track =
      tracks.find(({ binding }) => binding?.section.mid === section.mid) ??
      tracks.find((each) => carries(section, each));
    return track && codecFor(track, section);
  }

  /**
   * Matches all sections in which the client sends with the tracks it announced: by the track's id and, because
   * Firefox writes another id into its offers than it announces, in a second round by the kind of media.
   */
  offered(sections: readonly SdpSection[], transport: MediaTransport): void {
    const rest = sections.filter((section) => {
      if (this.isBound(section)) return false;
      const track = [...this.tracks.values()].find((each) => carries(section, each));
      if (track) this.bind(track, section, transport);
      return !track;
    });
    for (const section of rest) {
      const track = [...this.tracks.values()].find((each) => suits(section, each));
      if (track) this.bind(track, section, transport);
      else this.unclaimed.set(section.mid, { section, transport });
    }
  }

  stopped(mid: string): void {
    this.unclaimed.delete(mid);
    for (const { info, binding } of this.tracks.values()) if (binding?.section.mid === mid) this.remove(info.sid);
  }

  /** Marks a track muted or not. Gives the publication when something changed. */
  mute(sid: string, muted: boolean): Publication | undefined {
    const track = this.tracks.get(sid);
    if (!track || track.info.muted === muted) return undefined;
    track.info.muted = muted;
    if (!muted) track.publication?.source.requestKeyframe(undefined);
    return track.publication;
  }

  infoOf(sid: string): TrackInfo | undefined {
    return this.tracks.get(sid)?.info;
  }

  close(): void {
    for (const sid of [...this.tracks.keys()]) this.remove(sid);
    this.unclaimed.clear();
  }

  /** Whether a section carries the same track as before. One that is used again for another track ends the old one. */
  private isBound(section: SdpSection): boolean {
    const bound = [...this.tracks.values()].find(({ binding }) => binding?.section.mid === section.mid);
    if (bound?.binding?.section.trackId === section.trackId) return bound !== undefined;
    if (bound) this.remove(bound.info.sid);
    return false;
  }

  private bind(track: LocalTrack, section: SdpSection, transport: MediaTransport): void {
    this.unclaimed.delete(section.mid);
    const codec = codecFor(track, section) ?? section.codecs[0];
    if (!codec || track.publication || (section.kind !== 'audio' && section.kind !== 'video')) return;
    const rids = layersOf(section);
    track.info.mid = section.mid;
    track.info.simulcast = rids.length > 1;
    setCodec(track.info, codec.codec, track.request);
    const source = new UplinkTrack(
      { kind: section.kind, codec: codec.codec, payloadType: codec.payloadType, clockRate: codec.clockRate, rids },
      transport,
    );
    transport.bindUplink(section.mid, section.ssrcs, source);
    track.binding = { section, transport };
    track.publication = { publisher: this.publisher, info: track.info, source };
    this.events.published(track.publication);
  }

  private remove(sid: string): void {
    const track = this.tracks.get(sid);
    if (!track) return;
    this.tracks.delete(sid);
    if (track.binding) track.binding.transport.unbindUplink(track.binding.section.mid);
    if (!track.publication) return;
    this.events.unpublished(track.publication);
    track.publication.source.close();
  }
}

function codecFor(track: LocalTrack, section: SdpSection): SdpCodec | undefined {
  const wanted = requestedCodec(track.request);
  return section.codecs.find(({ codec }) => codec === wanted);
}

const isSameKind = (section: SdpSection, { info }: LocalTrack): boolean =>
  (info.type === TrackType.VIDEO ? 'video' : 'audio') === section.kind;

/** The section names the track. */
const carries = (section: SdpSection, track: LocalTrack): boolean =>
  isSameKind(section, track) && section.trackId !== undefined && track.cids.includes(section.trackId);

/** The section may carry the track: it is announced, of this kind, and in no other section. */
const suits = (section: SdpSection, track: LocalTrack): boolean =>
  isSameKind(section, track) && section.trackId !== undefined && track.publication === undefined;

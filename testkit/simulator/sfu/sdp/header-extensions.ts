/** The RTP header extensions the media server negotiates. */
export const headerExtension = {
  mid: 'urn:ietf:params:rtp-hdrext:sdes:mid',
  rid: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  repairedRid: 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
  transportSequence: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
} as const;

/** The ids used in the server's own offers. */
export const ownExtensionIds: ReadonlyMap<string, number> = new Map([
  [headerExtension.mid, 4],
  [headerExtension.rid, 10],
  [headerExtension.repairedRid, 11],
  [headerExtension.transportSequence, 3],
]);

const audioExtensions: readonly string[] = [headerExtension.mid, headerExtension.transportSequence];
const videoExtensions: readonly string[] = Object.values(headerExtension);

/** Those of the offered extensions that are answered for a section of this kind, as `a=extmap` values. */
export function answeredExtensions(kind: 'audio' | 'video', offered: ReadonlyMap<string, number>): string[] {
  const wanted = kind === 'audio' ? audioExtensions : videoExtensions;
  return [...offered].filter(([uri]) => wanted.includes(uri)).map(([uri, id]) => `${id} ${uri}`);
}

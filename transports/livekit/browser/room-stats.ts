import type { RoomStats } from '../../../core/ports/media.js';
import { type RtcStatsEntry, statsEntries } from '../../../core/stats/entry.js';

export interface StatsSources {
  readonly senders: readonly RTCRtpSender[];
  readonly receivers: readonly RTCRtpReceiver[];
}

/**
 * The reports of the senders and receivers, each with the transport it runs over. Entries that several reports have
 * are listed once; when all run over one transport, everything is the publisher's.
 */
export async function readRoomStats({ senders, receivers }: StatsSources): Promise<RoomStats> {
  const [sent, received] = await Promise.all([merge(senders), merge(receivers)]);
  const published = new Set(senders.map(({ transport }) => transport));
  const isOneTransport = senders.length > 0 && receivers.every(({ transport }) => published.has(transport));
  if (!isOneTransport) return { publisher: [...sent.values()], subscriber: [...received.values()] };
  return { publisher: [...new Map([...sent, ...received]).values()], subscriber: [] };
}

async function merge(sources: readonly Pick<RTCRtpSender, 'getStats'>[]): Promise<ReadonlyMap<string, RtcStatsEntry>> {
  const reports = await Promise.all(sources.map((source) => source.getStats()));
  return new Map(reports.flatMap((report) => statsEntries(report)).map((entry) => [entry.id, entry]));
}

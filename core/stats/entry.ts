/** One entry of a statistics report, under the identifiers of W3C webrtc-stats. `timestamp` in milliseconds. */
export interface RtcStatsEntry {
  /** Unique within one report of one transport. */
  readonly id: string;
  /** Such as `inbound-rtp` or `candidate-pair`. */
  readonly type: string;
  /** When it was measured, milliseconds. */
  readonly timestamp: number;
  /** Members of the type, such as `bytesReceived`. */
  readonly [member: string]: unknown;
}

/** A member as a number (a bigint is converted); null when it is missing or no finite number. */
export function numberIn(entry: RtcStatsEntry | undefined, member: string): number | null {
  const value = entry?.[member];
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A member as text; null when it is missing, empty or no text. */
export function textIn(entry: RtcStatsEntry | undefined, member: string): string | null {
  const value = entry?.[member];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** `audio` or `video`. Older stacks call it `mediaType`. */
export function kindOf(entry: RtcStatsEntry): string | null {
  return textIn(entry, 'kind') ?? textIn(entry, 'mediaType');
}

/**
 * The entries of a browser's `RTCStatsReport` (anything with `forEach`), as plain data.
 * What has no id, type and timestamp is left out.
 */
export function statsEntries(report: { forEach(visit: (value: unknown) => void): void }): RtcStatsEntry[] {
  const entries: RtcStatsEntry[] = [];
  report.forEach((value) => {
    if (isStatsEntry(value)) entries.push({ ...value });
  });
  return entries;
}

function isStatsEntry(value: unknown): value is RtcStatsEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { id, type, timestamp } = value as Partial<RtcStatsEntry>;
  return typeof id === 'string' && typeof type === 'string' && typeof timestamp === 'number';
}

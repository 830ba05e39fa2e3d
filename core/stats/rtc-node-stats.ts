import type { RtcStatsEntry } from './entry.js';

// The numeric enums of the wire, in the words of W3C.
const words: Readonly<Record<string, readonly string[]>> = {
  qualityLimitationReason: ['none', 'cpu', 'bandwidth', 'other'],
  state: ['frozen', 'waiting', 'in-progress', 'failed', 'succeeded'],
  candidateType: ['host', 'srflx', 'prflx', 'relay'],
  relayProtocol: ['udp', 'tcp', 'tls'],
  tcpType: ['active', 'passive', 'so'],
};

// Members that are named differently from W3C.
const renamed: Readonly<Record<string, string>> = {
  totalFreezeDuration: 'totalFreezesDuration',
  totalPauseDuration: 'totalPausesDuration',
};

// rtc-node reports 0 where libwebrtc reported nothing. For these, 0 never is a measurement.
const neverZero: ReadonlySet<string> = new Set([
  'availableOutgoingBitrate',
  'availableIncomingBitrate',
  'framesPerSecond',
  'frameWidth',
  'frameHeight',
  'targetBitrate',
  'totalFreezesDuration',
  'totalPausesDuration',
]);

// For these, 0 is one only when something was measured at all: the member that counts the measurements.
const countedBy: Readonly<Record<string, string>> = {
  currentRoundTripTime: 'responsesReceived',
  roundTripTime: 'roundTripTimeMeasurements',
};

/**
 * The statistics of `@livekit/rtc-node` as flat entries under W3C names: nested groups merged, bigints as numbers,
 * enums as words, timestamps in milliseconds. What was never measured is left out. Input of another shape is skipped.
 */
export function normaliseRtcNodeStats(stats: readonly unknown[]): RtcStatsEntry[] {
  return stats.flatMap((one) => {
    const nested = isRecord(one) && isRecord(one.stats) ? one.stats : null;
    if (nested === null || typeof nested.case !== 'string' || !isRecord(nested.value)) return [];
    const type = nested.case.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return flattened(type, nested.value);
  });
}

function flattened(type: string, groups: Readonly<Record<string, unknown>>): RtcStatsEntry[] {
  const members: Record<string, unknown> = {};
  for (const group of Object.values(groups)) {
    if (!isRecord(group)) continue;
    for (const [name, value] of Object.entries(group)) {
      if (value === undefined || value === '' || typeof value === 'function') continue;
      members[renamed[name] ?? name] = plain(type, name, value);
    }
  }
  for (const name of Object.keys(members)) {
    if (members[name] !== 0) continue;
    const counter = countedBy[name];
    const isMeasured = counter === undefined ? !neverZero.has(name) : Boolean(members[counter]);
    if (!isMeasured) delete members[name];
  }
  const { id, timestamp } = members;
  if (typeof id !== 'string' || typeof timestamp !== 'number') return [];
  return [{ ...members, id, type, timestamp: milliseconds(timestamp) }];
}

function plain(type: string, name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  // A data channel has a `state` as well, with other words; it is not read.
  if (typeof value !== 'number' || (name === 'state' && type !== 'candidate-pair')) return value;
  const vocabulary = words[name];
  return vocabulary === undefined ? value : (vocabulary[value] ?? 'unknown');
}

// libwebrtc counts microseconds since 1970: by now sixteen digits, where milliseconds have thirteen.
function milliseconds(timestamp: number): number {
  return timestamp > 1e14 ? timestamp / 1000 : timestamp;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

import { numberIn, type RtcStatsEntry, textIn } from './entry.js';

/** One end of a candidate pair. Addresses are left out on purpose: statistics get logged. */
export interface SelectedCandidate {
  readonly candidateType: string | null;
  readonly protocol: string | null;
  readonly relayProtocol: string | null;
}

/** The pair that carries the media of a transport. */
export interface SelectedCandidatePair {
  /** Changes with the pair, as after an ICE restart. */
  readonly id: string;
  /** This side's end. */
  readonly local: SelectedCandidate;
  /** The service's end. */
  readonly remote: SelectedCandidate;
  /** Seconds. */
  readonly currentRoundTripTime: number | null;
  /** Bits per second. */
  readonly availableOutgoingBitrate: number | null;
}

/**
 * The pair that carries the media: nominated and succeeded, else one with a bandwidth estimate, else any that
 * succeeded. Among several nominated ones (after an ICE restart) the transport's own choice, then the busiest.
 */
export function chooseCandidatePair(entries: readonly RtcStatsEntry[]): RtcStatsEntry | null {
  const pairs = entries.filter((entry) => entry.type === 'candidate-pair');
  const succeeded = pairs.filter((pair) => pair.state === 'succeeded');
  const nominated = succeeded.filter((pair) => pair.nominated === true);
  const chosenByTransport = new Set(
    entries.filter((entry) => entry.type === 'transport').map((entry) => textIn(entry, 'selectedCandidatePairId')),
  );
  return (
    nominated.find((pair) => chosenByTransport.has(pair.id)) ??
    busiest(nominated) ??
    pairs.find((pair) => (numberIn(pair, 'availableOutgoingBitrate') ?? 0) > 0) ??
    succeeded[0] ??
    null
  );
}

/** A chosen pair with its two ends looked up among the entries of the same report. */
export function describeCandidatePair(pair: RtcStatsEntry, entries: readonly RtcStatsEntry[]): SelectedCandidatePair {
  const end = (member: string): SelectedCandidate => {
    const id = textIn(pair, member);
    const candidate = entries.find((entry) => entry.id === id);
    return {
      candidateType: textIn(candidate, 'candidateType'),
      protocol: textIn(candidate, 'protocol'),
      relayProtocol: textIn(candidate, 'relayProtocol'),
    };
  };
  return {
    id: pair.id,
    local: end('localCandidateId'),
    remote: end('remoteCandidateId'),
    currentRoundTripTime: numberIn(pair, 'currentRoundTripTime'),
    availableOutgoingBitrate: numberIn(pair, 'availableOutgoingBitrate'),
  };
}

function busiest(pairs: readonly RtcStatsEntry[]): RtcStatsEntry | undefined {
  const traffic = (pair: RtcStatsEntry): number =>
    (numberIn(pair, 'bytesSent') ?? 0) + (numberIn(pair, 'bytesReceived') ?? 0);
  return [...pairs].sort((a, b) => traffic(b) - traffic(a))[0];
}

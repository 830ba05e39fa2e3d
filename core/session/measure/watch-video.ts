import { initialInboundRateState, stepInboundRate } from '../../stats/inbound-rate.js';
import { initialVideoStallState, stepVideoStall } from '../../stats/video-stall.js';
import type { RealtimeStats } from '../../stats/webrtc-stats.js';
import type { UntimedEvent } from '../machine/events.js';

/**
 * Follows the received video of one attempt, however often its media connection comes back: each sample in, stalls and
 * changes of the candidate pair to `dispatch`. Returns the frames per second as far as they say something of the
 * connection; see `stepInboundRate`.
 */
export function createVideoWatch(
  attempt: number,
  dispatch: (event: UntimedEvent) => void,
): (stats: RealtimeStats) => number | null {
  let rate = initialInboundRateState;
  let stall = initialVideoStallState;
  let pairId: string | null = null;
  return (stats) => {
    const pair = stats.connection.selectedCandidatePairs[0];
    if (pair !== undefined && pair.id !== pairId) {
      pairId = pair.id;
      const { candidateType, protocol } = pair.local;
      const remote = { candidateType: pair.remote.candidateType, protocol: pair.remote.protocol };
      dispatch({ type: 'media.pairSelected', attempt, local: { candidateType, protocol }, remote });
    }
    const [nextRate, framesPerSecond] = stepInboundRate(rate, stats);
    rate = nextRate;
    const [nextStall, event] = stepVideoStall(stall, { timestampMs: stats.timestampMs, framesPerSecond });
    stall = nextStall;
    if (event?.stalled === true) dispatch({ type: 'media.stalled', attempt });
    if (event?.stalled === false) dispatch({ type: 'media.recovered', attempt, durationMs: event.durationMs });
    return framesPerSecond;
  };
}

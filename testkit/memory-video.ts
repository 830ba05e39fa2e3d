import type { SchedulerLike } from 'rxjs';
import type { RoomStats } from '../core/ports/media.js';
import type { RtcStatsEntry } from '../core/stats/entry.js';
import type { MemoryRoom } from '../transports/memory/index.js';

/** What the media of a room in memory looks like from now on, per second. */
export interface MemoryVideo {
  /** Frames that the source gives to the encoder. */
  readonly sourceFps: number;
  /** Frames that come back; `null`: there are no statistics of received video. */
  readonly receivedFps: number | null;
  /** Kilobits per second that the network would carry. */
  readonly availableKbps: number;
  readonly fractionLost: number;
  readonly roundTripTimeMs: number;
}

/** Lets a room in memory report moving counters. Call the result to change what happens from then on. */
export function playVideo(
  room: MemoryRoom | undefined,
  scheduler: SchedulerLike,
  video: Partial<MemoryVideo> = {},
): (change: Partial<MemoryVideo>) => void {
  if (room === undefined) throw new Error('playVideo(): there is no room.');
  let playing: MemoryVideo = {
    sourceFps: 30,
    receivedFps: 30,
    availableKbps: 5000,
    fractionLost: 0,
    roundTripTimeMs: 20,
    ...video,
  };
  let lastMs = scheduler.now();
  const counted = { source: 0, received: 0 };
  const count = (): void => {
    const seconds = (scheduler.now() - lastMs) / 1000;
    lastMs = scheduler.now();
    counted.source += playing.sourceFps * seconds;
    counted.received += (playing.receivedFps ?? 0) * seconds;
  };
  const read = (): RoomStats => {
    count();
    const entry = (type: string, id: string, members: object): RtcStatsEntry => ({
      type,
      id,
      timestamp: lastMs,
      kind: 'video',
      ...members,
    });
    const { availableKbps, fractionLost, roundTripTimeMs } = playing;
    const frames = Math.round(counted.received);
    const inbound =
      playing.receivedFps === null
        ? []
        : [entry('inbound-rtp', 'I', { framesDecoded: frames, bytesReceived: frames * 1000 })];
    return {
      publisher: [
        entry('outbound-rtp', 'O', { mediaSourceId: 'S', framesEncoded: Math.round(counted.source) }),
        entry('media-source', 'S', { frames: Math.round(counted.source) }),
        entry('remote-inbound-rtp', 'R', { localId: 'O', fractionLost, roundTripTime: roundTripTimeMs / 1000 }),
        entry('candidate-pair', 'P', {
          state: 'succeeded',
          nominated: true,
          availableOutgoingBitrate: availableKbps * 1000,
        }),
      ],
      subscriber: inbound,
    };
  };
  Object.defineProperty(room, 'stats', { get: read, configurable: true });
  return (change) => {
    count();
    playing = { ...playing, ...change };
  };
}

// The client's sound comes back as it went in.
import type { LiveKitNode } from '../../../transports/livekit/node/native.js';
import { within } from '../../../transports/media/within.js';

export type RemoteAudioTrack = InstanceType<LiveKitNode['RemoteAudioTrack']>;
type LocalParticipant = NonNullable<InstanceType<LiveKitNode['Room']>['localParticipant']>;

export interface AudioRelayOptions {
  readonly rtc: LiveKitNode;
  readonly track: RemoteAudioTrack;
  readonly participant: LocalParticipant;
  /** Called with the loudness, 0 to 1, as audio comes in. */
  readonly onLevel?: (level: number) => void;
  readonly onFailed: (error: unknown) => void;
}

export interface AudioRelay {
  close(): Promise<void>;
}

const SAMPLE_RATE = 48_000;
const CHANNELS = 1;
/** Frames handed over and not taken yet; more than that is dropped instead of growing without end. */
const MOST_IN_FLIGHT = 30;
const CLOSE_LIMIT_MS = 500;

export function createAudioRelay({ rtc, track, participant, onLevel, onFailed }: AudioRelayOptions): AudioRelay {
  const reader = new rtc.AudioStream(track, SAMPLE_RATE, CHANNELS).getReader();
  const source = new rtc.AudioSource(SAMPLE_RATE, CHANNELS);
  const outgoing = rtc.LocalAudioTrack.createAudioTrack('inference-audio', source);
  let closing: Promise<void> | null = null;

  const failed = (error: unknown): void => {
    if (closing === null) onFailed(error);
  };

  async function pass(): Promise<void> {
    let inFlight = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onLevel?.(levelOf(value.data));
      // Reading continues even when a frame fails: unread ones would pile up without end.
      if (closing !== null || inFlight >= MOST_IN_FLIGHT) continue;
      inFlight += 1;
      source
        .captureFrame(value)
        .catch(failed)
        .finally(() => {
          inFlight -= 1;
        });
    }
  }

  const publishing = participant
    .publishTrack(outgoing, new rtc.TrackPublishOptions({ source: rtc.TrackSource.SOURCE_MICROPHONE }))
    .catch(failed);
  pass().catch(failed);

  async function end(): Promise<void> {
    await within(CLOSE_LIMIT_MS, reader.cancel());
    await within(CLOSE_LIMIT_MS, publishing);
    const { sid } = outgoing;
    if (sid !== undefined) await within(CLOSE_LIMIT_MS, participant.unpublishTrack(sid));
    await within(CLOSE_LIMIT_MS, outgoing.close(true));
  }

  return {
    close: () => {
      closing ??= end();
      return closing;
    },
  };
}

/** The loudest sample, of full scale. */
function levelOf(samples: Int16Array): number {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return peak / 0x8000;
}

import type { AudioInput } from '../../../core/ports/media.js';
import type { NodeWebRtc } from './native.js';
import { readSound } from './sound.js';

/** A track of the session's own that sounds are played into; silent in between, but never still. */
export interface Voice {
  readonly track: MediaStreamTrack;
  /** Fulfilled at the sound's end, when it is stopped, and when another takes its place. */
  play(audio: AudioInput, stop: AbortSignal): Promise<void>;
  close(): void;
}

const sampleRate = 48_000;
const frameMs = 10;
const frameSamples = (sampleRate * frameMs) / 1_000;
/** After a longer pause of the event loop, the rest is not caught up on. */
const mostFramesAtOnce = 10;

interface Playing {
  readonly samples: Int16Array;
  at: number;
  end(): void;
}

export function createVoice(wrtc: NodeWebRtc): Voice {
  const source = new wrtc.nonstandard.RTCAudioSource();
  const track = source.createTrack();
  let playing: Playing | null = null;
  let latestCall = 0;
  let sentMs = performance.now();

  const stopPlaying = (): void => {
    const stopped = playing;
    playing = null;
    stopped?.end();
  };

  const nextFrame = (): Int16Array => {
    const samples = new Int16Array(frameSamples);
    if (!playing) return samples;
    samples.set(playing.samples.subarray(playing.at, playing.at + frameSamples));
    playing.at += frameSamples;
    if (playing.at >= playing.samples.length) stopPlaying();
    return samples;
  };

  const timer = setInterval(() => {
    const behind = Math.floor((performance.now() - sentMs) / frameMs);
    sentMs += behind * frameMs;
    for (let i = 0; i < Math.min(behind, mostFramesAtOnce); i += 1) {
      source.onData({ samples: nextFrame(), sampleRate, channelCount: 1 });
    }
  }, frameMs);

  return {
    track,
    async play(audio, stop) {
      latestCall += 1;
      const call = latestCall;
      stopPlaying();
      const samples = await readSound(audio, sampleRate);
      if (stop.aborted || call !== latestCall) return;
      await new Promise<void>((resolve) => {
        playing = { samples, at: 0, end: resolve };
        stop.addEventListener('abort', () => {
          if (call === latestCall) stopPlaying();
        });
      });
    },
    close() {
      clearInterval(timer);
      latestCall += 1;
      stopPlaying();
      track.stop();
    },
  };
}

import { invalid } from '../../../core/errors.js';
import type { AudioInput } from '../../../core/ports/media.js';

/** A track of the session's own that sounds are played into; silent in between, but never still. */
export interface Voice {
  readonly track: MediaStreamTrack;
  /** Fulfilled at the sound's end, when it is stopped, and when another takes its place. */
  play(audio: AudioInput, stop: AbortSignal): Promise<void>;
  close(): void;
}

export function createVoice(): Voice {
  const context = new AudioContext();
  const destination = context.createMediaStreamDestination();
  const [track] = destination.stream.getAudioTracks();
  if (!track) throw new Error('The audio context gave no track.');
  // Without a source, nothing at all would be sent.
  const silence = context.createGain();
  const hum = context.createConstantSource();
  silence.gain.value = 0;
  hum.connect(silence).connect(destination);
  hum.start();
  let stopPlaying: () => void = () => undefined;

  return {
    track,
    async play(audio, stop) {
      stopPlaying();
      const stopped = new Promise<void>((resolve) => {
        stopPlaying = resolve;
        stop.addEventListener('abort', () => resolve());
        if (stop.aborted) resolve();
      });
      let isStopped = false;
      stopped.then(() => {
        isStopped = true;
      });
      // Before the user has done anything, a page's audio stands still, for as long as that takes.
      if (context.state === 'suspended') await Promise.race([context.resume(), stopped]);
      const buffer = await decode(context, audio);
      if (isStopped) return;
      const source = context.createBufferSource();
      source.buffer = buffer;
      source.connect(destination);
      const ended = new Promise<void>((resolve) => {
        source.onended = () => resolve();
      });
      source.start();
      await Promise.race([ended, stopped]);
      source.stop();
      source.disconnect();
    },
    close() {
      stopPlaying();
      track.stop();
      // One that is closing already needs no closing.
      context.close().catch(() => undefined);
    },
  };
}

async function decode(context: AudioContext, audio: AudioInput): Promise<AudioBuffer> {
  try {
    return await context.decodeAudioData(await bytesOf(audio));
  } catch (cause) {
    throw invalid('The audio cannot be decoded. Pass an audio file in a format that this browser supports.', {
      field: 'audio',
      reason: (cause as { name?: unknown } | null)?.name,
    });
  }
}

/** In a buffer of their own: decoding takes it away. */
async function bytesOf(audio: AudioInput): Promise<ArrayBuffer> {
  if ('arrayBuffer' in audio) return audio.arrayBuffer();
  return Uint8Array.from(audio instanceof ArrayBuffer ? new Uint8Array(audio) : audio).buffer;
}

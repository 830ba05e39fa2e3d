// `@roamhq/wrtc`: WebRTC for Node. Loaded for direct WebRTC mode, and never otherwise.
import { isMainThread } from 'node:worker_threads';
import { DecartError } from '../../../core/errors.js';
import { currentHost } from '../../media/node/host.js';

/** What is used of the package. */
export interface NodeWebRtc {
  readonly RTCPeerConnection: typeof RTCPeerConnection;
  readonly MediaStream: typeof MediaStream;
  readonly RTCRtpReceiver: Pick<typeof RTCRtpReceiver, 'getCapabilities'>;
  readonly nonstandard: {
    readonly RTCVideoSource: new () => NativeVideoSource;
    readonly RTCVideoSink: new (track: MediaStreamTrack) => NativeVideoSink;
    readonly RTCAudioSource: new () => NativeAudioSource;
  };
}

export interface NativeVideoSource {
  createTrack(): MediaStreamTrack;
  onFrame(frame: { readonly width: number; readonly height: number; readonly data: Uint8Array }): void;
}

export interface NativeVideoSink {
  onframe: ((event: { readonly frame: { width: number; height: number; data: Uint8Array } }) => void) | null;
  stop(): void;
}

export interface NativeAudioSource {
  createTrack(): MediaStreamTrack;
  /** Exactly 10 ms of sound. */
  onData(data: { readonly samples: Int16Array; readonly sampleRate: number; readonly channelCount: number }): void;
}

const name = '@roamhq/wrtc';

/** @throws DecartError WEBRTC_ICE_ERROR that names cause and remedy when it cannot be loaded */
export async function loadNodeWebRtc(): Promise<NodeWebRtc> {
  if (!isMainThread) {
    throw new DecartError({
      code: 'WEBRTC_ICE_ERROR',
      permanent: true,
      message: `${name} ends the whole process when it is used in a worker thread. Use it in the main one.`,
    });
  }
  let loaded: unknown;
  try {
    // Bundlers leave it outside: its native half is a file that they cannot read.
    loaded = await import(/* webpackIgnore: true */ /* turbopackIgnore: true */ '@roamhq/wrtc');
  } catch (cause) {
    throw loadFailure(cause);
  }
  exitWithoutCleaningUp();
  // The package is CommonJS: what it exports is the default of the module.
  const { default: exported = loaded } = loaded as { default?: unknown };
  return exported as NodeWebRtc;
}

const hookKey = Symbol.for('decart-rx/wrtc-exit');

/**
 * Once a video source was made, the native library crashes as it is torn down at the end of a process that ends by
 * itself: the exit code would be that of the crash. Exiting from the exit hook leaves the tearing down out; the app's
 * hooks that were added later run before that, and the code is the one that all of them leave.
 */
function exitWithoutCleaningUp(): void {
  const scope = globalThis as { [hookKey]?: true };
  if (scope[hookKey]) return;
  scope[hookKey] = true;
  const exit = (code: number): void => {
    const hooks = process.rawListeners('exit');
    for (const hook of hooks.slice(hooks.indexOf(exit) + 1)) hook.call(process, code);
    process.exit(process.exitCode ?? code);
  };
  process.on('exit', exit);
}

function loadFailure(cause: unknown): DecartError {
  const { platform, arch, isMusl } = currentHost();
  const { code, message = '' } = (cause ?? {}) as { code?: unknown; message?: string };
  const isMissing = /MODULE_NOT_FOUND/.test(String(code)) && new RegExp(`'${name}'`).test(message);
  return new DecartError({
    code: 'WEBRTC_ICE_ERROR',
    permanent: true,
    message: isMissing
      ? `Direct WebRTC in Node needs the package ${name}, which is not installed. Run: npm install ${name}.`
      : `The native library of ${name} did not load on ${platform} ${arch}${isMusl ? ' (musl)' : ''}. There is one for ` +
        'Linux with glibc 2.34 or newer (x64, arm64), macOS (x64, arm64) and Windows (x64).',
    data: { platform, arch, isMusl },
    cause,
  });
}

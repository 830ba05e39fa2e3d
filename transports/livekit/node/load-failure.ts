import type { Failure } from '../../../core/errors.js';
import type { Host } from '../../media/node/host.js';

/** The native library runs in another thread of this process, and can run in one only. */
export class OtherThreadError extends Error {
  override readonly name = 'OtherThreadError';
}

/** Says why `@livekit/rtc-node` did not load, and what helps. Trying again cannot. */
export function loadFailure(error: unknown, host: Host): Failure {
  return { code: 'WEBRTC_ICE_ERROR', message: reason(error, host), permanent: true, data: { ...host }, cause: error };
}

const supported = 'Linux with glibc 2.28 or newer (x64, arm64), macOS (x64, arm64) and Windows (x64)';

function reason(error: unknown, { platform, arch, isMusl }: Host): string {
  if (isPackageMissing(error)) {
    return 'Media in Node needs the package @livekit/rtc-node, which is not installed. Run: npm install @livekit/rtc-node.';
  }
  if (error instanceof OtherThreadError) {
    return (
      'connect() needs the native library of @livekit/rtc-node, which another thread of this process has loaded. ' +
      'It runs in one thread of a process: keep all sessions in one thread, or start a process for each.'
    );
  }
  if (isMusl) {
    return (
      '@livekit/rtc-node has no native library for musl (Alpine Linux). ' +
      'Use an image with glibc, e.g. node:20-bookworm-slim instead of node:20-alpine.'
    );
  }
  return (
    `The native library of @livekit/rtc-node did not load on ${platform} ${arch}. There is one for ${supported}. ` +
    'On one of these, install again with optional dependencies (npm install --include=optional).'
  );
}

// Its native half missing is reported with the same code, but names another package.
export function isPackageMissing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') return false;
  return /(package|module) '@livekit\/rtc-node'/.test(error.message);
}

import { DecartError } from '../../../core/errors.js';

export type LiveKitClient = typeof import('livekit-client');
export type Room = InstanceType<LiveKitClient['Room']>;

/** What the rooms of this package are called in LiveKit's logging, so that its level can be set apart. */
export const loggerName = 'decart-rx';

/**
 * `livekit-client`, loaded on first use and with logging off: the transport reports by events. Some of its parts ignore
 * a room's logger and write to one of their own (ICE, statistics, data tracks), so all of its loggers are silent. An
 * app that wants them calls `setLogLevel` of `livekit-client` afterwards.
 */
export async function loadLiveKitClient(): Promise<LiveKitClient> {
  const sdk = await import('livekit-client');
  for (const name of [loggerName, ...Object.values(sdk.LoggerNames)]) silence(sdk.getLogger(name));
  return sdk;
}

interface Logger {
  setLevel(level: 'silent', persist: boolean): void;
  setDefaultLevel(level: never): void;
}

/**
 * Not for good: by default the level would be written into the page's storage. What is not stored, LiveKit resets to
 * its own default with every room and track.
 */
function silence(logger: Logger): void {
  logger.setLevel('silent', false);
  logger.setDefaultLevel = () => undefined;
}

/** Says why `livekit-client` did not load, and what helps. Trying again at once cannot. */
export function loadFailure(cause: unknown): DecartError {
  return new DecartError({
    code: 'LOAD_ERROR',
    permanent: true,
    message:
      'Media in the browser needs the package livekit-client, which could not be loaded. ' +
      'Run: npm install livekit-client. If it is installed, its file could not be fetched: check network and CSP.',
    cause,
  });
}

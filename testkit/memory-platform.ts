import { defer, type Observable, of, throwError } from 'rxjs';
import { DecartError } from '../core/errors.js';
import type { LocalStreamRequest, Platform } from '../core/ports/platform.js';
import {
  createMemoryLocalStream,
  type MemoryLocalStream,
  type MemoryNetwork,
  type MemoryRemoteStream,
} from '../transports/memory/index.js';

/** What a platform in memory consists of. Only `network` is required. */
export interface MemoryPlatformOptions {
  /** From `createMemoryNetwork()`, or ports of your own. */
  readonly network: Pick<MemoryNetwork, 'signaling' | 'media'> & Partial<Pick<MemoryNetwork, 'directMedia'>>;
  /** The bytes behind the URLs that may be fetched. */
  readonly files?: Readonly<Record<string, Uint8Array>> | undefined;
  /** Opens the camera; default: a stream in memory, at once. */
  readonly openCamera?: ((request: LocalStreamRequest) => Observable<MemoryLocalStream>) | undefined;
  /** A connect without a local stream opens a camera. @default false */
  readonly hasCamera?: boolean | undefined;
  /** Seed for the jitter of reconnect delays. @default 1 */
  readonly seed?: number | undefined;
}

type MemoryPlatform = Platform<MemoryLocalStream, MemoryRemoteStream>;

/**
 * A platform in memory: with it a whole client runs in virtual time.
 *
 * @example
 * ```ts
 * import { createDecartClient } from 'decart-rx';
 * import { createMemoryNetwork, createMemoryPlatform } from 'decart-rx/testkit';
 * import { VirtualTimeScheduler } from 'rxjs';
 *
 * const scheduler = new VirtualTimeScheduler();
 * const network = createMemoryNetwork({ scheduler });
 * const client = createDecartClient({ apiKey: 'test', scheduler }, createMemoryPlatform({ network }));
 * ```
 */
export function createMemoryPlatform(options: MemoryPlatformOptions): MemoryPlatform {
  const { network, files = {}, hasCamera = false, seed = 1 } = options;
  const openCamera = options.openCamera ?? (() => defer(() => of(createMemoryLocalStream())));
  return {
    runtime: 'memory',
    http: { request: () => of({ type: 'failed', reason: 'unreachable', message: 'there is no HTTP in memory' }) },
    signaling: network.signaling,
    media: network.media as MemoryPlatform['media'],
    ...(network.directMedia && { directMedia: network.directMedia as NonNullable<MemoryPlatform['directMedia']> }),
    hasCamera,
    createLocalStream: openCamera,
    adoptLocalStream(stream) {
      if (typeof stream === 'object' && stream !== null && 'videoTrack' in stream) return stream as MemoryLocalStream;
      throw new DecartError({ code: 'INVALID_INPUT', message: 'Not a local stream.', data: { field: 'localStream' } });
    },
    fetchBytes(url) {
      const bytes = files[url];
      const failure = new DecartError({ code: 'INVALID_INPUT', message: 'There is no such file.' });
      return bytes ? of(bytes) : throwError(() => failure);
    },
    seed: () => seed,
  };
}

import { of } from 'rxjs';
import { invalidInput } from './check.js';
import { type ClientParts, composeClient, type DecartClient, type DecartClientConfig } from './compose-client.js';
import { createConnectivityChecks } from './connectivity/check.js';
import type { Platform } from './ports/platform.js';
import type { LocalStream, RemoteStream } from './ports/streams.js';
import { createRestClients } from './rest/clients.js';
import { createSampling } from './session/measure/sampling.js';
import { decodeEvent } from './session/runtime/decode-event.js';

/** Every part, at once. */
export const partsAtHand: ClientParts = {
  rest: () => of(createRestClients),
  checks: () => of(createConnectivityChecks),
  decodeEvent: () => of(decodeEvent),
  sampling: () => of(createSampling),
};

/**
 * A client over a platform, with everything at hand. Applications take `createDecartClient` from `decart-rx/node` or
 * `decart-rx/browser`, which fill the platform in.
 *
 * @throws DecartError INVALID_API_KEY for a blank key, INVALID_BASE_URL, INVALID_INPUT without a platform
 */
export function createDecartClient<L extends LocalStream, R extends RemoteStream>(
  config: DecartClientConfig,
  platform: Platform<L, R>,
): DecartClient<L, R> {
  if (typeof platform !== 'object' || platform === null)
    throw invalidInput('platform', 'decart-rx has none; import from decart-rx/browser or decart-rx/node, or pass one');
  return composeClient(config, platform, partsAtHand);
}

import { invalidInput } from '../check.js';
import type { RealtimeModel, RealtimeModelInput } from '../models.js';
import { modelOf } from '../session/client/options.js';

/** What {@link RealtimeClient.checkConnectivity} checks. */
export interface ConnectivityOptions {
  /** Judge a short real session, of its own and beside a running one, instead of the network alone. @default false */
  readonly deep?: boolean | undefined;
  /** Required for `deep`: a test picture of its size is sent. */
  readonly model?: RealtimeModelInput | undefined;
  /** For the network check: `stun:host[:port]`. @default 'stun:stun.l.google.com:19302' */
  readonly stunUrls?: readonly string[] | undefined;
  /** Stops the check: it rejects with ABORTED once everything it opened is closed. */
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_STUN_URLS = ['stun:stun.l.google.com:19302'];

export type CheckedOptions =
  | { readonly deep: true; readonly model: RealtimeModel; readonly stunUrls: readonly string[] }
  | { readonly deep: false; readonly model: null; readonly stunUrls: readonly string[] };

/** @throws DecartError INVALID_INPUT or MODEL_NOT_FOUND */
export function checkConnectivityOptions(options: ConnectivityOptions): CheckedOptions {
  if (typeof options !== 'object' || options === null) throw invalidInput('options', 'expected an object');
  const { deep = false, model, stunUrls = DEFAULT_STUN_URLS } = options;
  if (typeof deep !== 'boolean') throw invalidInput('deep', 'expected true or false');
  if (!Array.isArray(stunUrls) || stunUrls.length === 0 || !stunUrls.every(isStunUrl)) {
    throw invalidInput('stunUrls', 'expected addresses such as stun:stun.example.com:3478');
  }
  if (!deep) return { deep, model: null, stunUrls };
  if (model === undefined || model === null) throw invalidInput('model', 'a deep check needs one');
  return { deep, model: modelOf(model), stunUrls };
}

const isStunUrl = (url: unknown): boolean =>
  typeof url === 'string' && /^stun:(\[[\da-f:.]+\]|[^\s:/?#@[\]]+)(:\d{1,5})?$/i.test(url);

import { DecartError } from '../errors.js';
import type { DirectSession } from './subscribe-token.js';

/** What a signaling URL is made of. */
export interface SignalingUrlParts {
  /** `ws://` or `wss://`, host, and maybe a path. A slash at its end makes no difference. */
  readonly baseUrl: string;
  /** The model's endpoint, e.g. `/v1/stream`. */
  readonly urlPath: string;
  /** Goes into the query, where browsers can send it. */
  readonly apiKey: string;
  /** Its name on the wire. */
  readonly model: string;
  /** @default the service’s own, 720p */
  readonly resolution?: '720p' | '1080p' | undefined;
  /** Asks the service to carry the latency marker from each input frame to its output frame. */
  readonly pixelLatency?: boolean | undefined;
  /** Who calls: the package, its language and its runtime. */
  readonly userAgent: string;
  /** Added last; they cannot replace the parameters above. */
  readonly queryParams?: Readonly<Record<string, string>> | undefined;
}

/** The signaling URL of a session. It holds the API key: it is for the socket alone, see {@link redactUrl}. */
export function buildSignalingUrl(parts: SignalingUrlParts): string {
  const query: [string, string][] = [
    ['api_key', parts.apiKey],
    ['model', parts.model],
  ];
  if (parts.resolution !== undefined) query.push(['resolution', parts.resolution]);
  if (parts.pixelLatency) query.push(['pixel_latency', '1']);
  query.push(['user_agent', parts.userAgent]);
  const taken = new Set(query.map(([name]) => name));
  for (const [name, value] of Object.entries(parts.queryParams ?? {})) {
    if (!taken.has(name)) query.push([name, value]);
  }
  const encoded = query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
  return `${parts.baseUrl.replace(/\/+$/, '')}${parts.urlPath}?${encoded}`;
}

/** Where a viewer of a direct WebRTC session opens its socket. It holds the API key, too. */
export function buildSubscribeUrl(parts: {
  readonly baseUrl: string;
  readonly watched: DirectSession;
  readonly apiKey: string;
}): string {
  const { sessionId, serverIp, serverPort } = parts.watched;
  const query = Object.entries({ IP: serverIp, port: `${serverPort}`, api_key: parts.apiKey });
  const encoded = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return `${parts.baseUrl.replace(/\/+$/, '')}/subscribe/${encodeURIComponent(sessionId)}?${encoded}`;
}

/** A URL fit for people: scheme, host and path stay, credentials go, every query value and fragment is hidden. */
export function redactUrl(url: string): string {
  // Nobody knows where the credentials begin in what is no URL.
  if (url.includes('@') && !/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) return '***';
  const [beforeFragment = ''] = url.split('#');
  const [place = '', ...queries] = beforeFragment.split('?');
  const shown = place
    // Up to the last @: a credential may hold anything, a slash, too.
    .replace(/^([a-z][a-z0-9+.-]*:\/\/).*@/is, '$1***@')
    // One that holds a ? or a #, and so looks like a port.
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^/:[]*:)(?!\d{1,5}(\/|$))[^/]*/i, '$1***');
  if (queries.length === 0) return shown;
  const names = queries
    .join('?')
    .split('&')
    .map((pair) => (pair.includes('=') ? `${pair.split('=')[0]}=***` : '***'));
  return `${shown}?${names.join('&')}`;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/**
 * Checks a base URL. Plain `ws:`/`http:` is accepted for loopback only, unless `allowInsecure`.
 * @throws DecartError INVALID_BASE_URL
 */
export function checkBaseUrl(
  url: string,
  schemes: readonly [secure: string, plain: string],
  allowInsecure: boolean,
): string {
  const text = typeof url === 'string' ? url : '';
  const match = /^([a-z][a-z0-9+.-]*):\/\/(\[[0-9a-f:.]+\]|[^/:?#@\s]+)(:\d{1,5})?(\/[^?#\s]*)?$/i.exec(text);
  const fail = (why: string): never => {
    throw new DecartError({
      code: 'INVALID_BASE_URL',
      message: `Invalid base URL ${redactUrl(text)}: ${why}.`,
      permanent: true,
    });
  };
  if (match === null) return fail(`expected ${schemes[0]}://host[:port][/path]`);
  const scheme = match[1]?.toLowerCase();
  if (scheme !== schemes[0] && scheme !== schemes[1]) return fail(`scheme must be ${schemes[0]} or ${schemes[1]}`);
  if (scheme === schemes[1] && !allowInsecure && !LOOPBACK.test(match[2] ?? '')) {
    return fail(`plain ${schemes[1]} is for loopback only; use ${schemes[0]}, or allowInsecure: true`);
  }
  return url.replace(/\/+$/, '');
}

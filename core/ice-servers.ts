import { invalidInput } from './check.js';
import type { IceServer } from './ports/media.js';

/** Finds ways through a NAT; TURN servers are the caller's to add. */
const defaultIceServers: readonly IceServer[] = [{ urls: 'stun:stun.l.google.com:19302' }];

/** @throws DecartError INVALID_INPUT unless it is a list of STUN and TURN servers. `undefined`: the default. */
export function checkIceServers(servers: unknown = defaultIceServers): readonly IceServer[] {
  const isUrl = (url: unknown): boolean => typeof url === 'string' && /^(stun|turn)s?:/.test(url);
  const isServer = ({ urls }: { urls?: unknown }): boolean => {
    const all = [urls].flat();
    return all.length > 0 && all.every(isUrl);
  };
  if (Array.isArray(servers) && servers.every((server) => isServer(Object(server)))) return servers;
  throw invalidInput('iceServers', 'expected a list of { urls: "stun:…" or "turn:…", username?, credential? }');
}

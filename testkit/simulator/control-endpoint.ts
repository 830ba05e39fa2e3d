// The operator's side over HTTP, for those who run the simulator from a shell.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { isDecartError } from '../../core/errors.js';
import { decodeFault } from '../service/fault.js';
import type { SimulatorFaults } from './faults/faults.js';
import type { SimulatedSession } from './journal.js';
import type { KeyRing } from './key-ring.js';
import type { MediaStats } from './media/media-service.js';
import { Refusal, readJson, sendJson } from './rest/answer.js';
import { parseUrl } from './sfu/http.js';

export interface ControlContext {
  /** The address of the option `host`. */
  readonly host: string;
  readonly keys: KeyRing;
  readonly faults: SimulatorFaults;
  readonly sessions: () => readonly SimulatedSession[];
  readonly stats: () => Promise<MediaStats>;
}

/** Where the operator's calls are; no path of the service starts like it. */
export const CONTROL_PATH = '/_simulator/';

/**
 * Answers `POST /_simulator/faults` (a `SimulatorFault` as JSON; 204), `GET /_simulator/sessions` and
 * `GET /_simulator/stats`. All of them want the permanent key in `X-API-KEY`, which also keeps web pages out:
 * there is no CORS here. A page whose name was made to resolve to this machine gives itself away in the `Host` header.
 */
export function handleControl(context: ControlContext, request: IncomingMessage, response: ServerResponse): void {
  answer(context, request, response).catch((error: unknown) => {
    if (error instanceof Refusal) sendJson(response, error.status, { error: error.message });
    else if (isDecartError(error)) sendJson(response, 400, { error: error.message, ...error.data });
    else sendJson(response, 500, { error: error instanceof Error ? error.message : String(error) });
  });
}

async function answer(
  { host, keys, faults, sessions, stats }: ControlContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isOwnName(request.headers.host, host)) {
    throw new Refusal(403, 'Host must be localhost, an IP address or the address that the simulator listens on');
  }
  const key = request.headers['x-api-key'];
  if (typeof key !== 'string' || !keys.isPermanent(key)) throw new Refusal(401, 'X-API-KEY must be the permanent key');
  const call = `${request.method} ${request.url?.slice(CONTROL_PATH.length)}`;
  if (call === 'POST faults') {
    const fault = decodeFault(await readJson(request));
    const sessionId = 'sessionId' in fault ? fault.sessionId : undefined;
    if (sessionId !== undefined && !sessions().some(({ id }) => id === sessionId))
      throw new Refusal(404, `There is no session ${sessionId}; GET sessions has them`);
    faults.apply(fault);
    response.writeHead(204).end();
    return;
  }
  if (call === 'GET sessions') sendJson(response, 200, sessions());
  else if (call === 'GET stats') sendJson(response, 200, await stats());
  else throw new Refusal(404, 'There are POST faults, GET sessions and GET stats');
}

/** Names that a foreign DNS record cannot point here. */
function isOwnName(header: string | undefined, host: string): boolean {
  const hostname = (parseUrl(`http://${header ?? ''}`)?.hostname ?? '').toLowerCase();
  return hostname === 'localhost' || hostname === host.toLowerCase() || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
}

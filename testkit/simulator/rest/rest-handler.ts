import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KeyRing } from '../key-ring.js';
import type { MediaService } from '../media/media-service.js';
import type { SimulatorSettings } from '../options.js';

/** What the REST side may use of the simulator. */
export interface RestContext {
  readonly settings: SimulatorSettings;
  readonly keys: KeyRing;
  readonly media: MediaService;
}

/** The REST side. */
export interface RestService {
  /** Answers every plain HTTP request. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** The bytes of an uploaded file that is still there; `null` when there is none with this id. */
  readFile(fileId: string): Uint8Array | null;
  close(): void;
}

export function createRestHandler(_context: RestContext): RestService {
  return {
    handle: (request, response) => {
      request.resume();
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      const body = JSON.stringify({ error: `Not found: ${request.method} ${pathname}` });
      response.writeHead(404, { 'Content-Type': 'application/json' }).end(body);
    },
    readFile: () => null,
    close: () => {},
  };
}

// Renders the app, serves its files, and hands out short-lived keys: the permanent one stays here.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import {
  AngularNodeAppEngine,
  createNodeRequestHandler,
  isMainModule,
  writeResponseToNodeResponse,
} from '@angular/ssr/node';
import { createDecartClient } from 'decart-rx/node';

const files = join(import.meta.dirname, '../browser');
const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};
const engine = new AngularNodeAppEngine();
const { DECART_API_KEY: apiKey = '', DECART_HTTP_BASE_URL: httpBaseUrl, PORT = '4000' } = process.env;
const decart = createDecartClient({ apiKey: apiKey || 'none', ...(httpBaseUrl && { httpBaseUrl }) });

/** A key for the page. Authenticate the user here: a key spends your credits. */
async function answerToken(request: IncomingMessage, response: ServerResponse): Promise<void> {
  // Other sites' pages get none.
  const { origin, host } = request.headers;
  if (request.method !== 'POST' || (origin !== undefined && new URL(origin).host !== host)) {
    response.writeHead(403).end();
    return;
  }
  try {
    const { apiKey: key } = await decart.tokens.create({ expiresIn: 60 });
    response.setHeader('Content-Type', 'application/json').setHeader('Cache-Control', 'no-store');
    response.end(JSON.stringify({ apiKey: key }));
  } catch {
    response.writeHead(502).end();
  }
}

/** A file of the build; `false`: there is none of that name. */
async function sendFile(path: string, response: ServerResponse): Promise<boolean> {
  const file = join(files, normalize(path));
  const isFile = file.startsWith(files) && (await stat(file).catch(() => null))?.isFile();
  if (!isFile) return false;
  response.setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream');
  createReadStream(file).pipe(response);
  return true;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname === '/api/token') return answerToken(request, response);
  if (await sendFile(pathname, response)) return;
  const rendered = await engine.handle(request);
  if (rendered) await writeResponseToNodeResponse(rendered, response);
  else response.writeHead(404).end();
}

export const reqHandler = createNodeRequestHandler((request, response, next) => answer(request, response).catch(next));

if (isMainModule(import.meta.url)) {
  const server = createServer((request, response) => {
    reqHandler(request, response, () => response.writeHead(500).end());
  });
  server.listen(Number(PORT), '127.0.0.1', () => {
    const address = server.address();
    console.log(`http://127.0.0.1:${typeof address === 'object' ? address?.port : PORT}/`);
  });
  process.once('SIGTERM', () => {
    server.close();
    server.closeAllConnections();
    void decart.release();
  });
}

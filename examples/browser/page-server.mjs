// Serves the built pages, and lets them order faults from the simulator beside them. On loopback, to this machine.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { json } from 'node:stream/consumers';

const HOST = '127.0.0.1';
const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

// What the pages need and nothing else: no inline script or style, no host but this one.
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "media-src 'self' blob:",
  `connect-src 'self' ws://${HOST}:* http://${HOST}:*`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Takes the port. Nothing is served on it before `publish()`.
 * @param {number} port 0: any free one
 */
export async function openPageServer(port) {
  const server = createServer().listen(port, HOST);
  await once(server, 'listening').catch((error) => {
    throw error.code === 'EADDRINUSE' ? new Error(`port ${port} is in use; choose another with --port.`) : error;
  });
  const origin = `http://${HOST}:${server.address().port}`;
  return {
    url: `${origin}/`,
    /**
     * @param {Map<string, string | Uint8Array>} files what `buildPages()` gave
     * @param {import('decart-rx-simulator').Simulator} simulator
     */
    publish(files, simulator) {
      server.on('request', createHandler({ files, simulator, origin }));
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function createHandler({ files, simulator, origin }) {
  const sendFile = (response, path) => {
    const name = path.endsWith('/') ? `${path}index.html` : path;
    const content = files.get(name);
    if (content === undefined) return response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Not found');
    response.writeHead(200, { 'Content-Type': types[extname(name)] ?? 'application/octet-stream' }).end(content);
  };

  /** `GET`: where the simulator is. `POST`: a fault, as data. */
  const answerPage = async (request, response) => {
    if (request.method === 'GET') {
      const { apiKey, baseUrl, httpBaseUrl } = simulator;
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ apiKey, baseUrl, httpBaseUrl }));
      return;
    }
    // Pages from elsewhere are not to play with it.
    if (request.method !== 'POST' || request.headers.origin !== origin) return response.writeHead(403).end();
    try {
      simulator.faults.apply(await json(request));
      response.writeHead(204).end();
    } catch (error) {
      response.writeHead(400, { 'Content-Type': 'text/plain' }).end(error.message);
    }
  };

  return (request, response) => {
    response.setHeader('Content-Security-Policy', policy);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cache-Control', 'no-store');
    const [path = '/'] = (request.url ?? '/').split('?');
    if (path === '/simulator') answerPage(request, response);
    else if (path === '/') response.writeHead(302, { Location: '/browser/' }).end();
    else sendFile(response, path.slice(1));
  };
}

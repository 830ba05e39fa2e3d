// Renders the page and serves its files.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { AngularNodeAppEngine, writeResponseToNodeResponse } from '@angular/ssr/node';

const engine = new AngularNodeAppEngine();
const files = join(import.meta.dirname, '../browser');

const server = createServer(async (request, response) => {
  const file = join(files, new URL(request.url ?? '/', 'http://localhost').pathname);
  if (existsSync(file) && statSync(file).isFile()) {
    response.setHeader('Content-Type', extname(file) === '.js' ? 'text/javascript' : 'text/css');
    createReadStream(file).pipe(response);
    return;
  }
  const rendered = await engine.handle(request);
  if (rendered) await writeResponseToNodeResponse(rendered, response);
  else response.writeHead(404).end();
}).listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(typeof address === 'object' && address ? `http://127.0.0.1:${address.port}/` : '');
});

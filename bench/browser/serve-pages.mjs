// Bundles the benches' pages and serves them on loopback: `pages/NAME.js` as the page `/NAME`. A page can post a result.
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { basename } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Each page is bundled by itself: what it shared with others would be split off into files of its own. */
async function bundle(entry, folder, files) {
  const { outputFiles } = await build({
    entryPoints: [path(entry)],
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    // The package as it is built, not the sources that tsconfig.json puts in its place.
    tsconfigRaw: {},
    format: 'esm',
    entryNames: '[name]',
    outdir: '/',
    logLevel: 'error',
  });
  for (const file of outputFiles) files.set(`${folder}${basename(file.path)}`, file.contents);
}

/** `others`: more files to bundle, such as a worker, relative to this one. */
export async function servePages(names, others = []) {
  const files = new Map();
  for (const name of names) await bundle(`pages/${name}.js`, `/${name}/`, files);
  for (const other of others) await bundle(other, '/', files);
  const results = new EventEmitter();
  const server = createServer((request, response) => {
    const { url = '/', method } = request;
    if (method === 'POST') return void text(request).then((result) => results.emit('result', result, response.end()));
    const script = files.get(url);
    if (script) return response.setHeader('Content-Type', 'text/javascript').end(script);
    const name = url.slice(1);
    if (!names.includes(name)) return response.writeHead(404).end();
    response
      .setHeader('Content-Type', 'text/html')
      .end(`<!doctype html><link rel="icon" href="data:,"><script type="module" src="/${name}/${name}.js"></script>`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    /** What the next page posts. Rejects when none does for a minute: it hangs, or was not loaded. */
    async result() {
      const [result] = await once(results, 'result', { signal: AbortSignal.timeout(60_000) });
      return JSON.parse(result);
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

// The example page with its service in the page itself: static files, for which no server has to run.
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const page = join(root, 'examples/browser');
const service = join(root, 'testkit/pages/live/service.ts');

/** The built package wherever there is one, so that the page has each module once. */
function builtModules() {
  return {
    name: 'built-modules',
    enforce: 'pre',
    resolveId(specifier, importer) {
      if (importer === undefined) return null;
      if (specifier === 'decart-rx/browser') return join(root, 'dist/esm/adapters/browser/index.js');
      if (specifier === './service.js' && importer.startsWith(join(page, 'src'))) return service;
      if (!specifier.startsWith('.')) return null;
      const path = relative(root, resolve(dirname(importer), specifier))
        .split(sep)
        .join('/');
      const built = join(root, 'dist/esm', path);
      return /^(core|transports|adapters|testkit)\//.test(path) && existsSync(built) ? built : null;
    },
  };
}

const note = `
      <p class="dim">
        Nothing is installed and no server runs: the service is in this page. Frames go through a canvas and are coloured
        by the prompt; Decart’s models are not at work. Change the prompt, or press a fault and watch the time line.
        <a href="../start.html">Back to the documentation</a>
      </p>`;

/** What has no meaning without a server is taken out. */
const explained = {
  name: 'explain',
  transformIndexHtml: (html) =>
    html
      .replace('<title>decart-rx in the browser</title>', '<title>decart-rx: try it in this page</title>')
      .replace(/<option value="webrtc">.*?<\/option>/, '')
      .replace(/\s*<a id="watch"[^>]*>.*?<\/a>/, '<a id="watch" href="#" style="display: none" hidden>Watch</a>')
      .replace('<main>', `<main>${note}`),
};

/** @param {string} folder where the files are written */
export async function buildLivePage(folder) {
  await build({
    configFile: false,
    root: page,
    base: './',
    logLevel: 'error',
    plugins: [builtModules(), explained],
    build: { target: 'es2022', outDir: folder, emptyOutDir: true },
  });
}

// node scripts/docs/live-page.mjs FOLDER
if (process.argv[1] === fileURLToPath(import.meta.url)) await buildLivePage(resolve(process.argv[2] ?? 'site/live'));

// Both pages in one site: /browser/ and /watch/. `npm run demo:web` builds it in memory and serves it beside a
// simulator; `npx vite examples` serves it alone, for a key and an address that are entered.
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));

/** @type {import('vite').UserConfig} */
export default {
  root,
  base: './',
  build: {
    target: 'es2022',
    rollupOptions: { input: [`${root}browser/index.html`, `${root}watch/index.html`] },
  },
};

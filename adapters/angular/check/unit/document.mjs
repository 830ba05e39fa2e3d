// The globals of a page, for tests in Node.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { JSDOM } = createRequire(join(process.cwd(), 'package.json'))('jsdom');
const { window } = new JSDOM('<!doctype html><html><body></body></html>', { url: 'http://localhost/' });
globalThis.window = window;
globalThis.document = window.document;
for (const name of ['Node', 'Element', 'HTMLElement', 'Event', 'CustomEvent', 'MutationObserver', 'KeyboardEvent']) {
  globalThis[name] = window[name];
}

// The page of the loading tests: nothing but a client is imported, as in an application.
// Counting begins before anything else is loaded.
import './resources.js';
import { createDecartClient } from '../../adapters/browser/index.js';
import { type Resources, resources } from './resources.js';

/** A stream that moves, made without the client. */
function drawnStream(): MediaStream {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  let n = 0;
  setInterval(() => context?.fillRect(n++ % canvas.width, 0, 4, canvas.height), 30);
  return canvas.captureStream(30);
}

/** What the page has fetched so far, by the first word of the file's name. */
const fetched = (): string[] =>
  performance.getEntriesByType('resource').map(({ name }) => /([^/-]+)[^/]*\.js$/.exec(name)?.[1] ?? name);

const page = { createDecartClient, drawnStream, fetched, resources };

Object.assign(globalThis, { page, isReady: true });

export type LoadingPage = Omit<typeof page, 'resources'> & { readonly resources: Resources };

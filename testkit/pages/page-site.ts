import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type BrowserNeeds, launchBrowser, openContext } from '../browsers/test-browser.js';

export interface PageSiteOptions extends BrowserNeeds {
  /** The module that a page runs, from the project's folder. */
  readonly entry: string;
  /** More modules, served beside it under their own names (a worker, say). */
  readonly files?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly alias?: BuildOptions['alias'];
  /** Tests use one page, one after the other, loaded again for each: a page of its own takes as long as a short test. */
  readonly onePage?: boolean;
}

/** A browser, and pages on loopback that run one module. */
export interface PageSite {
  readonly browser: Browser;
  readonly origin: string;
  /**
   * A page of its own profile, unless all tests share one, with the permissions of the first. What it says on the
   * console, and what it throws, is in `complaints`.
   */
  open(options?: { readonly permissions?: readonly string[] }): Promise<OpenPage>;
  close(): Promise<void>;
}

export interface OpenPage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly complaints: string[];
  /** Resolves once no worker of the page runs: that one has been terminated is known here a moment later. */
  workersEnded(): Promise<void>;
  close(): Promise<void>;
}

const html = (script: string): string =>
  `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>test</title><script type="module" src="/${script}"></script>`;

export async function openPageSite({
  entry,
  files = [],
  headers = {},
  onePage = false,
  ...options
}: PageSiteOptions): Promise<PageSite> {
  const bundle = await build({
    entryPoints: [entry, ...files],
    bundle: true,
    splitting: true,
    write: false,
    format: 'esm',
    entryNames: '[name]',
    outdir: '/',
    logLevel: 'silent',
    ...(options.alias && { alias: options.alias }),
  });
  const served = new Map(bundle.outputFiles.map(({ path, text }) => [`/${basename(path)}`, text]));
  const script = basename(entry).replace(/\.ts$/, '.js');
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const text = served.get(request.url ?? '');
    if (text !== undefined) return void response.setHeader('Content-Type', 'text/javascript').end(text);
    if (request.url !== '/') return void response.writeHead(404).end();
    response.setHeader('Content-Type', 'text/html').end(html(script));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const browser = await launchBrowser(options);
  let idlePage: Page | undefined;
  const openPage = async (permissions: readonly string[]): Promise<Page> => {
    const context = await openContext(browser, permissions);
    // How long anything may take is the test's to say.
    context.setDefaultTimeout(0);
    return context.newPage();
  };
  return {
    browser,
    origin,
    async open({ permissions = [] } = {}) {
      const page = idlePage ?? (await openPage(permissions));
      idlePage = undefined;
      const context = page.context();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(`threw: ${error.stack ?? error.message}`));
      page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
      await page.goto(origin);
      await page.waitForFunction(() => (globalThis as { isReady?: boolean }).isReady === true);
      const workersEnded = async (): Promise<void> => {
        await Promise.all(page.workers().map((worker) => worker.waitForEvent('close')));
      };
      const close = async (): Promise<void> => {
        if (!onePage) return context.close();
        await page.goto('about:blank');
        // Also those of the test: the next one has the same page.
        for (const event of ['pageerror', 'console', 'websocket']) page.removeAllListeners(event);
        idlePage = page;
      };
      return { page, context, complaints, workersEnded, close };
    },
    async close() {
      await browser.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

// What every part of the entry shares: the client, its clock, and who has seen which error.
import { DestroyRef, ErrorHandler, InjectionToken, Injector, inject, NgZone, PLATFORM_ID } from '@angular/core';
import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { DecartError, isDecartError } from '../../core/errors.js';
import { loadOnce } from '../../transports/media/load.js';
import type { DecartClient } from '../browser/index.js';
import { lazyClient } from './lazy-client.js';
import { CLIENT_FACTORY, CREATE_WORKER, DECART_CONFIG, type DecartConfig, REPORTS_ERRORS } from './tokens.js';

export interface DecartContext {
  readonly client: DecartClient;
  readonly scheduler: SchedulerLike;
  /** `false` on a server: nothing is opened there. */
  readonly isBrowser: boolean;
  /** Whether an error is still to be shown. It is shown once, however many streams carry it. */
  claim(error: DecartError): boolean;
  /** Passes an error on to Angular's `ErrorHandler`, once, if that was asked for. */
  report(error: DecartError): void;
  /** Angular checks nothing because of what happens inside: signals ask for that themselves. */
  outsideZone<T>(work: () => T): T;
}

export const DECART_CONTEXT = new InjectionToken<DecartContext>('decart-rx');

/** @throws Error when there is no `provideDecart()` */
export function injectContext(caller: string, injector = inject(Injector)): DecartContext {
  const context = injector.get(DECART_CONTEXT, null);
  if (context !== null) return context;
  throw new Error(`${caller} found no Decart client: add provideDecart({ apiKey }) to the providers of the app.`);
}

/** Runs in the injection context of the injector that provides the client. */
export function createContext(): DecartContext {
  const zone = inject(NgZone);
  const outsideZone = <T>(work: () => T): T => zone.runOutsideAngular(work);
  const isUnseen = (errors: WeakSet<DecartError>, error: DecartError): boolean => {
    const isNew = !errors.has(error);
    errors.add(error);
    return isNew;
  };
  const shown = new WeakSet<DecartError>();
  const claim = (error: DecartError): boolean => isUnseen(shown, error);

  // By the platform, not by the document: server rendering brings one of its own.
  if (inject(PLATFORM_ID) !== 'browser') {
    const client = lazyClient(null);
    return { client, scheduler: asyncScheduler, isBrowser: false, claim, report: () => undefined, outsideZone };
  }

  const config = injectConfig();
  const create = inject(CLIENT_FACTORY, { optional: true });
  const client = outsideZone(() => clientOf(create ? () => create(config) : null, config));
  const handler = inject(REPORTS_ERRORS, { optional: true }) ? inject(ErrorHandler) : null;
  const reported = new WeakSet<DecartError>();
  const report = (error: DecartError): void => {
    if (handler !== null && isUnseen(reported, error)) handler.handleError(error);
  };
  client.realtime.errors$.subscribe(report);
  inject(DestroyRef).onDestroy(() => void client.release());
  return { client, scheduler: config.scheduler ?? asyncScheduler, isBrowser: true, claim, report, outsideZone };
}

function injectConfig(): DecartConfig {
  const given = inject(DECART_CONFIG);
  const config = typeof given === 'function' ? given() : given;
  const createWorker = inject(CREATE_WORKER, { optional: true });
  return createWorker ? { ...config, createWorker } : config;
}

/**
 * Not a part of what an app loads first. Angular's builds set `ngServerMode`, so that the bundle for servers holds none
 * of it.
 */
const importBrowser = typeof ngServerMode !== 'undefined' && ngServerMode ? null : () => import('../browser/index.js');

function clientOf(create: (() => DecartClient | Promise<DecartClient>) | null, config: DecartConfig): DecartClient {
  const made = create?.();
  if (made !== undefined) return made instanceof Promise ? lazyClient(() => made) : made;
  // For types alone: what is for servers has been sorted out above.
  if (importBrowser === null) return lazyClient(null);
  const load = loadOnce(importBrowser);
  const client = lazyClient(async () => (await load()).createDecartClient(config));
  // The call that needs it tries again, and reports the error.
  if (config.preload ?? true) whenIdle(() => client.load().catch(() => undefined));
  return client;
}

function whenIdle(work: () => void): void {
  // Safari has no requestIdleCallback.
  const { requestIdleCallback } = globalThis as { requestIdleCallback?: typeof globalThis.requestIdleCallback };
  if (requestIdleCallback) requestIdleCallback(work, { timeout: 2_000 });
  else setTimeout(work);
}

/** An error as the one type that this package shows. */
export const decartErrorOf = (error: unknown): DecartError =>
  isDecartError(error) ? error : new DecartError({ code: 'INVALID_INPUT', message: String(error), cause: error });

import { type EnvironmentProviders, makeEnvironmentProviders, type Provider } from '@angular/core';
import type { DecartClient } from '../browser/index.js';
import { createContext, DECART_CONTEXT, injectContext } from './context.js';
import {
  CLIENT_FACTORY,
  type ClientFactory,
  CREATE_WORKER,
  DECART_CONFIG,
  type DecartConfig,
  REPORTS_ERRORS,
} from './tokens.js';

/** An addition to {@link provideDecart}: {@link withClient}, {@link withErrorHandler} or {@link withFrameWorker}. */
export interface DecartFeature {
  /** What it provides. */
  readonly providers: readonly Provider[];
}

/**
 * Provides a Decart client to an app or a route. Nothing is loaded or opened before it is used, and nothing at all on a
 * server. The client is released together with the injector.
 *
 * @param config as for `createDecartClient()` of `decart-rx/browser`, or a function that returns it, which runs in an
 *   injection context when the client is first injected in a browser
 *
 * @example A key from the app's own server:
 * ```ts
 * import type { ApplicationConfig } from '@angular/core';
 * import { provideDecart } from 'decart-rx/angular';
 * import { ephemeralKey } from 'decart-rx/browser';
 *
 * export const appConfig: ApplicationConfig = {
 *   providers: [provideDecart({ apiKey: ephemeralKey('/api/decart-token') })],
 * };
 * ```
 * @example A key from a service of the app, which may use `HttpClient` and its interceptors:
 * ```ts
 * import { InjectionToken, inject } from '@angular/core';
 * import { provideDecart } from 'decart-rx/angular';
 *
 * export const KEYS = new InjectionToken<{ fetchKey(): Promise<string> }>('keys');
 * export const decart = provideDecart(() => {
 *   const keys = inject(KEYS);
 *   return { apiKey: () => keys.fetchKey() };
 * });
 * ```
 */
export function provideDecart(
  config: DecartConfig | (() => DecartConfig),
  ...features: readonly DecartFeature[]
): EnvironmentProviders {
  return makeEnvironmentProviders([
    { provide: DECART_CONFIG, useValue: config },
    { provide: DECART_CONTEXT, useFactory: createContext },
    ...features.flatMap(({ providers }) => providers),
  ]);
}

/** Takes a client of the app's own making, with a platform of its own say, instead of `createDecartClient()`'s. */
export function withClient(create: ClientFactory): DecartFeature {
  return { providers: [{ provide: CLIENT_FACTORY, useValue: create }] };
}

/** Passes every error to Angular's `ErrorHandler`, once. */
export function withErrorHandler(): DecartFeature {
  return { providers: [{ provide: REPORTS_ERRORS, useValue: true }] };
}

/**
 * Mirrors and stamps frames in a worker, off the page's thread. The worker is a file of the app that imports
 * `decart-rx/frame-worker`.
 *
 * @example
 * ```ts
 * // frames.worker.ts holds: import 'decart-rx/frame-worker';
 * import { provideDecart, withFrameWorker } from 'decart-rx/angular';
 * import { ephemeralKey } from 'decart-rx/browser';
 *
 * export const decart = provideDecart(
 *   { apiKey: ephemeralKey('/api/decart-token') },
 *   withFrameWorker(() => new Worker(new URL('./frames.worker', import.meta.url), { type: 'module' })),
 * );
 * ```
 */
export function withFrameWorker(createWorker: () => Worker): DecartFeature {
  return { providers: [{ provide: CREATE_WORKER, useValue: createWorker }] };
}

/**
 * The client that {@link provideDecart} provides. Its code is loaded with the first call, or when the page is idle;
 * until then its streams show what a client begins with. On a server every call stays pending.
 *
 * Call it in an injection context.
 *
 * @throws Error when there is no `provideDecart()`
 */
export function injectDecart(): DecartClient {
  return injectContext('injectDecart()').client;
}

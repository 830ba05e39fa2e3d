import { InjectionToken } from '@angular/core';
import type { BrowserClientConfig, DecartClient } from '../browser/index.js';

/** What `createDecartClient()` of `decart-rx/browser` takes. */
export type DecartConfig = BrowserClientConfig;

/** Makes the client of an app. */
export type ClientFactory = (config: DecartConfig) => DecartClient | Promise<DecartClient>;

export const DECART_CONFIG = new InjectionToken<DecartConfig | (() => DecartConfig)>('decart-rx config');
export const CLIENT_FACTORY = new InjectionToken<ClientFactory>('decart-rx client factory');
export const CREATE_WORKER = new InjectionToken<() => Worker>('decart-rx frame worker');
export const REPORTS_ERRORS = new InjectionToken<boolean>('decart-rx reports errors');

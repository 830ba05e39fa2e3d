import { InjectionToken, inject, makeStateKey, TransferState } from '@angular/core';

/** Where the service is. `undefined`: Decart's own. */
export interface Service {
  readonly baseUrl?: string;
  readonly httpBaseUrl?: string;
}

const key = makeStateKey<Service>('service');

/** The server knows it from its environment, and the page from the server. */
export const SERVICE = new InjectionToken<Service>('service', {
  providedIn: 'root',
  factory: () => inject(TransferState).get(key, {}),
});

/** On the server. */
export function transferService(): Service {
  const { DECART_BASE_URL: baseUrl, DECART_HTTP_BASE_URL: httpBaseUrl } = process.env;
  const service: Service = { ...(baseUrl && { baseUrl }), ...(httpBaseUrl && { httpBaseUrl }) };
  inject(TransferState).set(key, service);
  return service;
}

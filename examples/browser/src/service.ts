// Which service the page talks to: the simulator that serves it, or the one of an address and a key.
import { createDecartClient, type DecartClient, type DecartClientConfig } from 'decart-rx/browser';
import { EMPTY, from, fromEvent, map, Observable, of, switchMap, tap } from 'rxjs';
import { element } from './dom.js';

/** A fault as the simulator takes it: `kind`, and what belongs to it. */
export type Fault = { readonly kind: string } & Readonly<Record<string, unknown>>;

export interface Service {
  readonly config: DecartClientConfig;
  /** Orders a fault; `null` where there is no simulator to order it from. Cold; completes once it is in force. */
  readonly inject: ((fault: Fault) => Observable<never>) | null;
}

const ENDPOINT = '/simulator';

/** Where the simulator is that serves this page; `null` when none does. */
export const servingSimulator = (): Observable<DecartClientConfig | null> =>
  from(fetch(ENDPOINT)).pipe(
    // A server that knows only files may answer with a page.
    switchMap((response) => {
      const isAnswer = response.ok && response.headers.get('Content-Type') === 'application/json';
      return isAnswer ? from(response.json() as Promise<DecartClientConfig>) : of(null);
    }),
  );

/** State-like: another one whenever the user gives another key. */
export const chosenService = (): Observable<Service> =>
  servingSimulator().pipe(switchMap((config) => (config ? of({ config, inject }) : enteredService())));

/** A client for as long as it is subscribed to; unsubscribing ends it and everything that it opened. */
export const clientOf = (config: DecartClientConfig): Observable<DecartClient> =>
  new Observable((subscriber) => {
    const client = createDecartClient(config);
    subscriber.next(client);
    return () => void client.release();
  });

function inject(fault: Fault): Observable<never> {
  const request = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(fault) };
  return from(fetch(ENDPOINT, request)).pipe(
    switchMap(async (response) => {
      if (!response.ok) throw new Error(await response.text());
    }),
    switchMap(() => EMPTY),
  );
}

function enteredService(): Observable<Service> {
  const form = element('key-form', HTMLFormElement);
  const key = element('key', HTMLInputElement);
  const address = element('address', HTMLInputElement);
  form.hidden = false;
  return fromEvent(form, 'submit').pipe(
    tap((event) => event.preventDefault()),
    map(() => ({ config: configOf(key.value, address.value), inject: null })),
  );
}

function configOf(apiKey: string, baseUrl: string): DecartClientConfig {
  return baseUrl === '' ? { apiKey } : { apiKey, baseUrl, httpBaseUrl: baseUrl.replace(/^ws/, 'http') };
}

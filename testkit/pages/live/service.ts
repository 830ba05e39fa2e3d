// The example page's service, without a server: takes the place of examples/browser/src/service.ts in the site's live
// page. Sockets, rooms and the service behind them are in this page.
import { Observable, of } from 'rxjs';
import {
  type BrowserLocalStream,
  type BrowserRemoteStream,
  createBrowserPlatform,
  type DecartClient,
  type DecartClientConfig,
} from '../../../adapters/browser/index.js';
import { createFollower } from '../../../adapters/browser/local/follow.js';
import { createDecartClient } from '../../../core/client.js';
import { createPageMedia } from './media.js';
import { createPageService } from './page-service.js';

export type Fault = { readonly kind: string } & Readonly<Record<string, unknown>>;

export interface Service {
  readonly config: DecartClientConfig;
  readonly inject: ((fault: Fault) => Observable<never>) | null;
}

const service = createPageService();

const inject = (fault: Fault): Observable<never> =>
  new Observable((subscriber) => {
    service.order(fault);
    subscriber.complete();
  });

export const chosenService = (): Observable<Service> => of({ config: { apiKey: 'in-this-page' }, inject });

/** A client for as long as it is subscribed to. */
export const clientOf = (config: DecartClientConfig): Observable<DecartClient> =>
  new Observable((subscriber) => {
    const { follow, add } = createFollower();
    const media = createPageMedia({ network: service.network, lookOf: service.lookOf, shape: service.shape, follow });
    const platform = { ...createBrowserPlatform({ signaling: service.network.signaling, media }), follow: add };
    const client = createDecartClient<BrowserLocalStream, BrowserRemoteStream>(config, platform);
    subscriber.next(client);
    return () => void client.release();
  });

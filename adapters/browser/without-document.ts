import { NEVER } from 'rxjs';
import type { DecartClient, LocalStream, RealtimeClient, RemoteStream } from '../../core/index.js';

const pending = <T>(): Promise<T> => new Promise(() => undefined);

/**
 * A client for where there is no page: server rendering runs an app's code, and its sessions are for the page that
 * comes after. Each call that would open something stays pending; nothing is opened, and no timer keeps the server
 * waiting.
 */
export function withoutDocument<L extends LocalStream, R extends RemoteStream, S>(
  client: DecartClient<L, R, S>,
): DecartClient<L, R, S> {
  const realtime: RealtimeClient<L, R, S> = {
    ...client.realtime,
    connect: pending,
    session$: () => NEVER,
    subscribe: pending,
    checkConnectivity: pending,
  };
  return { ...client, realtime };
}

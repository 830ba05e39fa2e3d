import { defer, firstValueFrom, type Observable, switchMap } from 'rxjs';
import type { Part } from '../part.js';
import type { RemoteStream } from '../streams.js';
import type { RestClients } from './clients.js';

/** Clients whose code comes with the first call. */
export function restLater<R extends RemoteStream>(clients: Part<RestClients<R>>): RestClients<R> {
  const asked = <T>(call: (clients: RestClients<R>) => Promise<T>): Promise<T> =>
    firstValueFrom(clients().pipe(switchMap(call)));
  const watched = <T>(call: (clients: RestClients<R>) => Observable<T>): Observable<T> =>
    defer(clients).pipe(switchMap(call));
  return {
    queue: {
      submit: (...call) => asked(({ queue }) => queue.submit(...call)),
      status: (...call) => asked(({ queue }) => queue.status(...call)),
      result: (...call) => asked(({ queue }) => queue.result(...call)),
      submitAndPoll: (...call) => asked(({ queue }) => queue.submitAndPoll(...call)),
      jobs$: (...call) => watched(({ queue }) => queue.jobs$(...call)),
      watch$: (...call) => watched(({ queue }) => queue.watch$(...call)),
    },
    tokens: { create: (...call) => asked(({ tokens }) => tokens.create(...call)) },
    files: {
      upload: (...call) => asked(({ files }) => files.upload(...call)),
      upload$: (...call) => watched(({ files }) => files.upload$(...call)),
      get: (...call) => asked(({ files }) => files.get(...call)),
      delete: (...call) => asked(({ files }) => files.delete(...call)),
    },
    viewers: { subscribe: (...call) => asked(({ viewers }) => viewers.subscribe(...call)) },
  };
}

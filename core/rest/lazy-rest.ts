import { firstValueFrom, type Observable, type ObservableInput } from 'rxjs';
import type { DecartError } from '../errors.js';
import { type Lazy, withLazy } from '../lazy.js';
import { abortable } from './abortable.js';
import type { CallOptions } from './call.js';
import type { RestClients } from './clients.js';

/** Clients whose code comes with the first call, unless that is called off meanwhile. All end with the client. */
export function restLater(
  clients: Lazy<RestClients>,
  released$: Observable<DecartError>,
): Pick<RestClients, 'queue' | 'images' | 'models' | 'tokens' | 'files'> {
  const watched = <T>(
    options: CallOptions | undefined,
    call: (clients: RestClients) => ObservableInput<T>,
  ): Observable<T> => withLazy(clients, options?.signal, call).pipe(abortable({ released$ }, undefined));
  const asked = <T>(options: CallOptions | undefined, call: (clients: RestClients) => Promise<T>): Promise<T> =>
    firstValueFrom(watched(options, call));
  return {
    queue: {
      submit: (model, input, options) => asked(options, ({ queue }) => queue.submit(model, input, options)),
      status: (jobId, options) => asked(options, ({ queue }) => queue.status(jobId, options)),
      result: (jobId, options) => asked(options, ({ queue }) => queue.result(jobId, options)),
      submitAndPoll: (model, input, options) =>
        asked(options, ({ queue }) => queue.submitAndPoll(model, input, options)),
      jobs$: (model, input, options) => watched(options, ({ queue }) => queue.jobs$(model, input, options)),
      watch$: (jobId, options) => watched(options, ({ queue }) => queue.watch$(jobId, options)),
    },
    images: { edit: (model, input, options) => asked(options, ({ images }) => images.edit(model, input, options)) },
    models: { resolve: (name, options) => asked(options, ({ models }) => models.resolve(name, options)) },
    tokens: { create: (options) => asked(options, ({ tokens }) => tokens.create(options)) },
    files: {
      upload: (input, options) => asked(options, ({ files }) => files.upload(input, options)),
      upload$: (input, options) => watched(options, ({ files }) => files.upload$(input, options)),
      get: (id, options) => asked(options, ({ files }) => files.get(id, options)),
      delete: (id, options) => asked(options, ({ files }) => files.delete(id, options)),
    },
  };
}

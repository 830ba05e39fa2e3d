import * as t from 'io-ts';
import { defer, filter, map, type Observable } from 'rxjs';
import { checkDurations, invalidInput, modelNotFound } from '../check.js';
import { promised } from './abortable.js';
import { type CallOptions, decodeAnswer, type RestCall, type RestDeps, restCall$ } from './call.js';

/** What names of models stand for at present. */
export interface ModelsClient {
  /**
   * The model that a name stands for now: of `lucy-latest`, say, the model of that moment. Names move on without
   * notice.
   *
   * @param name one name, or a list of names.
   * @throws DecartError INVALID_INPUT, INVALID_API_KEY, MODEL_NOT_FOUND (the service knows no such name),
   * MODEL_RESOLVE_ERROR, ABORTED
   *
   * @example
   * ```ts
   * import type { DecartClient } from 'decart-rx';
   *
   * export async function names(client: DecartClient): Promise<void> {
   *   await client.models.resolve('lucy-latest'); // 'lucy-2.5'
   *   await client.models.resolve(['lucy-latest', 'lucy-vton-latest']); // { 'lucy-latest': 'lucy-2.5', … }
   * }
   * ```
   */
  resolve<N extends string | readonly string[]>(name: N, options?: CallOptions): Promise<Resolved<N>>;
}

/** For one name its model, for several each with its model; names that the service does not know are left out. */
export type Resolved<N> = N extends string ? string : Readonly<Record<string, string>>;

const nullable = <C extends t.Mixed>(codec: C) => t.union([codec, t.null]);

const resolveAnswer = t.partial({ model_id: nullable(t.string), model_ids: nullable(t.record(t.string, t.string)) });

const isName = (name: unknown): name is string => typeof name === 'string' && name.trim() !== '';

/** The models client over an HTTP port. */
export function createModelsClient(deps: RestDeps): ModelsClient {
  const ask = (wanted: object, options: CallOptions) => {
    const call: RestCall = {
      failure: 'The name of the model could not be resolved',
      code: 'MODEL_RESOLVE_ERROR',
      method: 'POST',
      path: '/v1/models/resolve',
      body: { type: 'text', text: JSON.stringify(wanted), contentType: 'application/json' },
      timeoutMs: options.timeoutMs,
      codes: { 404: 'MODEL_NOT_FOUND' },
    };
    return restCall$(deps, call).pipe(
      filter((event) => event.type === 'response'),
      map((response) => decodeAnswer(resolveAnswer, response, call)),
    );
  };

  return {
    resolve: <N extends string | readonly string[]>(name: N, options: CallOptions = {}) => {
      const wanted: unknown = name;
      const resolved$ = defer((): Observable<unknown> => {
        checkDurations({ timeoutMs: options.timeoutMs });
        if (isName(wanted)) return ask({ model: wanted }, options).pipe(map(({ model_id }) => known(wanted, model_id)));
        if (!Array.isArray(wanted) || wanted.length === 0 || !wanted.every(isName)) {
          throw invalidInput('name', 'expected the name of a model, or a list of names');
        }
        return ask({ models: wanted }, options).pipe(map(({ model_ids }) => model_ids ?? {}));
      });
      return promised(deps, resolved$, options.signal) as Promise<Resolved<N>>;
    },
  };
}

function known(name: string, modelId: string | null | undefined): string {
  if (modelId) return modelId;
  throw modelNotFound(name, 'public', 'see the models of the service');
}

// Pieces of this package whose code comes when it is needed.
import { defer, type Observable, type ObservableInput, switchMap } from 'rxjs';
import { DecartError, isDecartError } from '../../core/errors.js';

/** `load`, once; when it fails, the next call tries again. @throws DecartError LOAD_ERROR, or the load's own */
export function loadOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | null = null;
  return () => {
    loading ??= load().catch((cause: unknown) => {
      loading = null;
      throw isDecartError(cause) ? cause : loadError(cause);
    });
    return loading;
  };
}

/** What `use` makes of the module once it is loaded. Errors as `loadOnce` does. */
export function loaded<M, T>(load: () => Promise<M>, use: (module: M) => ObservableInput<T>): Observable<T> {
  return defer(loadOnce(load)).pipe(switchMap(use));
}

function loadError(cause: unknown): DecartError {
  return new DecartError({
    code: 'LOAD_ERROR',
    message:
      'A file of decart-rx could not be loaded. Check the network, the CSP, and whether a new version is deployed.',
    // Not before the caller, or the user, has done something about it.
    permanent: true,
    cause,
  });
}

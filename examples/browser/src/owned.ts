import { Observable } from 'rxjs';

/**
 * Opens something when subscribed to, emits it, and gives it back when unsubscribed from: also what is only open by
 * then. Never completes.
 */
export const owned = <T>(open: () => Promise<T>, close: (opened: T) => unknown): Observable<T> =>
  new Observable((subscriber) => {
    const opening = open();
    opening.then(
      (opened) => subscriber.next(opened),
      (error: unknown) => subscriber.error(error),
    );
    return () => {
      // A failure to open is reported above.
      opening.then(close, () => undefined);
    };
  });

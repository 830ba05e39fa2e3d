// The lifecycle of the page, as far as a session needs it.
import { defer, distinctUntilChanged, fromEvent, map, type Observable, of, startWith, takeLast, takeUntil } from 'rxjs';

/** State-like: whether the page can be seen. */
export const pageVisible$: Observable<boolean> = defer(() =>
  typeof document === 'object'
    ? fromEvent(document, 'visibilitychange').pipe(
        startWith(null),
        map(() => document.visibilityState !== 'hidden'),
        distinctUntilChanged(),
      )
    : of(true),
);

/** What a page's end ends, until it completes. */
interface Closable {
  readonly connectionState$: Observable<string>;
  disconnect(): Promise<void>;
}

/**
 * Ends the session together with the page: the socket is closed before the page is gone, so that the service sees a
 * clean end at once. A page that may come back (`persisted`) is left alone.
 */
export function closeWithPage(realtime: Closable): void {
  if (typeof window !== 'object') return;
  const released$ = realtime.connectionState$.pipe(takeLast(1));
  fromEvent<PageTransitionEvent>(window, 'pagehide')
    .pipe(takeUntil(released$))
    .subscribe(({ persisted }) => {
      if (persisted === false) void realtime.disconnect();
    });
}

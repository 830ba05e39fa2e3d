// The page: controls go in, streams through the client, pictures and words come out. All of it hangs on one
// subscription, in the last line.
import type { DecartClient } from 'decart-rx/browser';
import {
  catchError,
  distinctUntilChanged,
  map,
  merge,
  NEVER,
  type Observable,
  of,
  Subject,
  share,
  shareReplay,
  switchMap,
  tap,
  timer,
} from 'rxjs';
import { element, showText } from './dom.js';
import { entries, errorEntry } from './entries.js';
import { faults } from './faults.js';
import { localVideo } from './local-video.js';
import { showMeasures } from './measures.js';
import { prompts } from './prompt.js';
import { recordings } from './recording.js';
import { referenceImage, references } from './reference.js';
import { chosenService, clientOf, type Service } from './service.js';
import { sessions } from './session.js';
import { chosenFormat, chosenResolution, chosenTransport } from './settings.js';
import { showStatus } from './status.js';
import { showTimeLine } from './time-line.js';
import { showVideo } from './video.js';

const NOTICE_MS = 10_000;

/** The page at work with a service; unsubscribing ends everything. */
function run(client: DecartClient, service: Service): Observable<unknown> {
  const errorSubject = new Subject<unknown>();
  const onError = (error: unknown): void => errorSubject.next(error);

  const format$ = chosenFormat().pipe(latest());
  const image$ = referenceImage().pipe(latest());
  const localVideo$ = localVideo(client, format$, onError).pipe(latest());
  const faults$ = faults(service).pipe(map((label) => ({ kind: 'fault', name: 'fault', text: label }) as const));
  // What ends a session comes from the session and from the client: it is one error.
  const errors$ = merge(errorSubject, client.realtime.errors$).pipe(distinctUntilChanged(), share());

  return merge(
    showStatus(client),
    showVideo(client, localVideo$),
    showMeasures(client),
    showTimeLine(entries(client, merge(errors$.pipe(map(errorEntry)), faults$))),
    showNotice(errors$),
    recordings(client),
    prompts(client),
    references(client, image$),
    sessions(client, {
      format$,
      resolution$: chosenResolution(),
      transport$: chosenTransport(),
      // A simulator on this machine is reached without the help of another server.
      iceServers: service.inject === null ? undefined : [],
      image$,
      localVideo$,
      onError,
    }),
  );
}

/** One source for all subscribers, which begin with its last value. */
const latest = <T>(): ((source$: Observable<T>) => Observable<T>) => shareReplay({ bufferSize: 1, refCount: true });

/** Says what went wrong, for a while. */
const showNotice = (errors$: Observable<unknown>): Observable<unknown> =>
  showText(
    element('notice', HTMLElement),
    errors$.pipe(switchMap((error) => merge(of(errorEntry(error).text), timer(NOTICE_MS).pipe(map(() => null))))),
  );

chosenService()
  .pipe(
    switchMap((service) =>
      // A key that will not do is no end of the page: another one can be entered.
      clientOf(service.config).pipe(
        switchMap((client) => run(client, service)),
        catchError((error: unknown) => merge(showNotice(of(error)), NEVER)),
      ),
    ),
    tap({ error: (error: unknown) => reportError(error) }),
  )
  .subscribe();

// Watches someone else's session. The token comes in the fragment of the address, where no server sees it, or by hand.
import type { BrowserRemoteStream, ViewerSession } from 'decart-rx/browser';
import { catchError, concat, EMPTY, filter, fromEvent, map, merge, Observable, of, switchMap, tap } from 'rxjs';
import { element, showText } from '../../browser/src/dom.js';
import { owned } from '../../browser/src/owned.js';
import { clientOf, servingSimulator } from '../../browser/src/service.js';

const form = element('form', HTMLFormElement);
const token = element('token', HTMLInputElement);
const key = element('key', HTMLInputElement);
const state = element('state', HTMLElement);
const notice = element('notice', HTMLElement);
const video = element('video', HTMLVideoElement);

const fragment$ = concat(of(null), fromEvent(window, 'hashchange')).pipe(
  map(() => new URLSearchParams(location.hash.slice(1)).get('token')),
  filter((given) => given !== null),
  tap((given) => {
    token.value = given;
  }),
);
const submitted$ = fromEvent(form, 'submit').pipe(
  tap((event) => event.preventDefault()),
  map(() => token.value.trim()),
);
const left$ = fromEvent(element('leave', HTMLButtonElement), 'click').pipe(map(() => null));

const show = (session: ViewerSession<BrowserRemoteStream>): Observable<unknown> =>
  merge(
    showText(state, session.connectionState$),
    session.errors$.pipe(tap(showError)),
    // Between two streams the last picture stays.
    session.remoteStream$.pipe(
      filter((stream) => stream !== null),
      switchMap((stream) => new Observable(() => stream.attach(video))),
    ),
  );

const showError = (error: unknown): void => {
  notice.textContent = error instanceof Error ? error.message : String(error);
};

servingSimulator()
  .pipe(
    tap((config) => {
      element('key-label', HTMLElement).hidden = config !== null;
    }),
    switchMap((config) =>
      merge(fragment$, submitted$, left$).pipe(
        switchMap((wanted) => {
          notice.textContent = '';
          state.textContent = wanted ? 'connecting' : 'no session';
          if (!wanted) return EMPTY;
          return clientOf(config ?? { apiKey: key.value }).pipe(
            switchMap(({ realtime }) =>
              owned(
                () => realtime.subscribe({ token: wanted, iceServers: config === null ? undefined : [] }),
                (session) => session.disconnect(),
              ),
            ),
            switchMap(show),
            catchError((error: unknown) => {
              showError(error);
              state.textContent = 'no session';
              return EMPTY;
            }),
          );
        }),
      ),
    ),
  )
  .subscribe();

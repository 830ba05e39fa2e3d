// State, queue, quality, and the button that changes the first of them.
import type { ConnectionState, DecartClient } from 'decart-rx/browser';
import { map, merge, type Observable, tap } from 'rxjs';
import { element, showData, showText } from './dom.js';

const powerLabels: Readonly<Record<ConnectionState, string>> = {
  disconnected: 'Connect',
  connecting: 'Cancel',
  connected: 'Disconnect',
  generating: 'Disconnect',
  reconnecting: 'Disconnect',
};

export function showStatus({ realtime }: DecartClient): Observable<unknown> {
  const state = element('state', HTMLElement);
  const quality = element('quality', HTMLElement);
  const power = element('power', HTMLButtonElement);
  const watch = element('watch', HTMLAnchorElement);
  power.disabled = false;
  return merge(
    showText(state, realtime.connectionState$),
    showData(state, 'state', realtime.connectionState$),
    showText(power, realtime.connectionState$.pipe(map((present) => powerLabels[present]))),
    showText(
      element('queue', HTMLElement),
      realtime.queuePosition$.pipe(
        map((place) => place && `place ${place.position} of ${place.queueSize} in the queue`),
      ),
    ),
    showData(quality, 'quality', realtime.quality$.pipe(map((report) => report?.quality ?? ''))),
    showText(
      quality,
      realtime.quality$.pipe(
        map((report) => {
          if (!report) return null;
          const cause = report.limitingFactor === 'none' ? '' : `, limited by ${report.limitingFactor}`;
          return `${report.quality}${cause}${report.warmingUp ? ' (warming up)' : ''}`;
        }),
      ),
    ),
    realtime.sessionStarted$.pipe(
      tap((session) => {
        watch.hidden = session === null;
        // In the fragment, which is never sent anywhere.
        if (session) watch.hash = `token=${encodeURIComponent(session.subscribeToken)}`;
      }),
    ),
  );
}

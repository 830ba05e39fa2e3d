// State, queue, quality, and the button that changes the first of them.
import type { ConnectionState, DecartClient, SessionUsage } from 'decart-rx/browser';
import { combineLatest, map, merge, type Observable, tap } from 'rxjs';
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
      combineLatest([realtime.queuePosition$, realtime.waitingForCapacity$]).pipe(
        map(([place, isWaiting]) => {
          if (place) return `place ${place.position} of ${place.queueSize} in the queue`;
          return isWaiting ? 'all slots are taken: waiting' : null;
        }),
      ),
    ),
    showText(element('usage', HTMLElement), realtime.usage$.pipe(map(describeUsage))),
    showText(
      element('warning', HTMLElement),
      realtime.limitWarning$.pipe(
        map((warning) => warning && `ends in ${Math.ceil(warning.remainingMs / 1000)} s: ${warning.name}`),
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

function describeUsage({ seconds, cost }: SessionUsage): string | null {
  if (seconds === 0) return null;
  return cost === null ? `${seconds} s billed` : `${seconds} s billed, $${cost.toFixed(2)}`;
}

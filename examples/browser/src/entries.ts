// The entries of the time line, in words.
import type { DecartClient, DiagnosticEvent } from 'decart-rx/browser';
import { isDecartError } from 'decart-rx/browser';
import { map, merge, type Observable, skip, timestamp } from 'rxjs';

export interface Entry {
  readonly kind: 'state' | 'diagnostic' | 'error' | 'fault';
  readonly atMs: number;
  readonly name: string;
  readonly text: string;
}

type UntimedEntry = Omit<Entry, 'atMs'>;

/** Event-like: everything that happens, with what the page itself adds. */
export function entries({ realtime }: DecartClient, own$: Observable<UntimedEntry>): Observable<Entry> {
  const states$ = realtime.connectionState$.pipe(
    skip(1),
    map((state): UntimedEntry => ({ kind: 'state', name: state, text: '' })),
  );
  const diagnostics$ = realtime.diagnostics$.pipe(
    map((event): UntimedEntry => ({ kind: 'diagnostic', name: event.name, text: describe(event) })),
  );
  const ended$ = realtime.ended$.pipe(
    map(({ by, reason, seconds }): UntimedEntry => {
      const billed = seconds === null ? '' : `after ${seconds} s `;
      return { kind: 'state', name: 'ended', text: `${billed}by the ${by}: ${reason}` };
    }),
  );
  return merge(states$, diagnostics$, ended$, own$).pipe(
    timestamp(),
    map(({ value, timestamp: atMs }) => ({ ...value, atMs })),
  );
}

export const errorEntry = (error: unknown): UntimedEntry => ({
  kind: 'error',
  name: isDecartError(error) ? error.code.toLowerCase().replaceAll('_', ' ') : 'error',
  text: error instanceof Error ? error.message : String(error),
});

function describe(event: DiagnosticEvent): string {
  switch (event.name) {
    case 'phaseTiming':
      return `${event.phase}: ${Math.round(event.durationMs)} ms`;
    case 'firstFrame':
      return `${Math.round(event.timeSinceConnectMs)} ms after connect`;
    case 'reconnect':
      return `try ${event.attempt} of ${event.maxAttempts} in ${event.delayMs} ms: ${event.reason}`;
    case 'capacityWait':
      return `refused ${event.refusals} times, again in ${event.delayMs} ms`;
    case 'limitWarning':
      return `${event.limit}: ends in ${Math.round(event.remainingMs / 1000)} s`;
    case 'seamlessSwitch':
      return event.reason === null ? event.outcome : `${event.outcome}: ${event.reason}`;
    case 'intentRestored':
      return event.restored;
    case 'videoStall':
      return event.stalled ? 'no frames arrive' : `over after ${Math.round(event.durationMs ?? 0)} ms`;
    case 'stallRecovery':
      return event.step;
    case 'mediaReconnecting':
    case 'mediaReconnected':
      return '';
    case 'transportState':
      return `${event.kind}: ${event.value}`;
    case 'selectedCandidatePair':
      return `${event.local.candidateType ?? '?'} to ${event.remote.candidateType ?? '?'}, ${event.local.protocol ?? '?'}`;
    case 'messageUnknown':
      return `“${event.messageType}”, ${event.count} so far`;
    case 'messageMalformed':
      return `${event.reason} (${event.count} so far)`;
    case 'ackUnmatched':
      return event.of;
    case 'status':
      return event.status;
  }
}

// Things that go wrong, at the push of a button; only where the simulator takes orders.
import { catchError, concat, defer, map, merge, type Observable, of, share, skip, switchMap } from 'rxjs';
import { choiceOf, clicks, create, element, showText } from './dom.js';
import type { Fault, Service } from './service.js';

const buttons: readonly (readonly [label: string, fault: Fault])[] = [
  ['Drop the socket', { kind: 'drop-socket', code: 1011, reason: '' }],
  ['Kick from the room', { kind: 'kick-from-room' }],
  ['Cut media signalling', { kind: 'cut-media-signalling' }],
  ['Rejoin in full', { kind: 'force-full-reconnect' }],
  ['Refuse next join', { kind: 'refuse-joins', times: 1, error: 'No capacity' }],
  ['Refuse next prompt', { kind: 'ack', mode: { kind: 'failed', error: 'not this one' }, times: 1 }],
  ['Lose next ack', { kind: 'ack', mode: { kind: 'lost' }, times: 1 }],
  ['Send garbage', { kind: 'send-text', text: '{"type":' }],
  ['Server error', { kind: 'server-error', text: 'Out of memory' }],
  ['Stall the model', { kind: 'stall-inference', stalled: true }],
  ['Lag of 500 ms', { kind: 'inference-lag', lagMs: 500 }],
  ['End generation', { kind: 'end-generation', reason: 'time is up' }],
];
const clear: Fault = { kind: 'clear' };

interface Ordered {
  readonly label: string;
  readonly fault: Fault;
}

/** Event-like: the faults that were ordered, by name. */
export function faults({ inject }: Service): Observable<string> {
  const area = element('faults', HTMLFieldSetElement);
  area.hidden = inject === null;
  if (inject === null) return of();
  const network = element('network', HTMLSelectElement);
  const place = element('fault-buttons', HTMLElement);
  place.replaceChildren();

  const pressed$ = [...buttons, ['All clear', clear] as const].map(([label, fault]) => {
    const button = create('button', label, { fault: fault.kind });
    button.type = 'button';
    place.append(button);
    return clicks(button).pipe(map((): Ordered => ({ label, fault })));
  });
  const network$ = choiceOf(network).pipe(
    skip(1),
    map((name): Ordered => ({ label: `Network: ${name}`, fault: { kind: 'network-preset', name } })),
  );
  const ordered$ = merge(network$, ...pressed$).pipe(share());
  const status$ = ordered$.pipe(
    switchMap(({ label, fault }) => {
      if (fault === clear) network.value = 'clean';
      return concat(
        inject(fault),
        defer(() => of(`${label}: done.`)),
      ).pipe(catchError((error: unknown) => of(`${label}: ${error instanceof Error ? error.message : error}`)));
    }),
  );
  return merge(
    ordered$.pipe(map(({ label }) => label)),
    showText(element('fault-status', HTMLElement), status$).pipe(switchMap(() => [])),
  );
}

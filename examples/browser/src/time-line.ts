// What happened, as a list and as a strip: states as bands, events as ticks.
import { auditTime, combineLatest, interval, map, merge, type Observable, scan, share, startWith, tap } from 'rxjs';
import { create, draw, element } from './dom.js';
import type { Entry } from './entries.js';

const KEPT = 300;
const SPAN_MS = 120_000;
const REDRAW_MS = 500;

/** Shows entries for as long as it is subscribed to. */
export function showTimeLine(entries$: Observable<Entry>): Observable<unknown> {
  const startedMs = Date.now();
  const shared$ = entries$.pipe(share());
  return merge(shared$.pipe(tap((entry) => list(entry, startedMs))), shared$.pipe(drawStrip));
}

function list({ kind, atMs, name, text }: Entry, startedMs: number): void {
  const events = element('events', HTMLOListElement);
  const isAtEnd = events.scrollHeight - events.scrollTop - events.clientHeight < 40;
  const item = create('li', '', { kind });
  item.append(create('time', clock(atMs - startedMs)), create('span', spaced(name)), create('span', text));
  events.append(item);
  while (events.childElementCount > KEPT) events.firstElementChild?.remove();
  // Who has scrolled back wants to read.
  if (isAtEnd) events.scrollTop = events.scrollHeight;
}

function drawStrip(entries$: Observable<Entry>): Observable<unknown> {
  const strip = element('bands', SVGSVGElement);
  strip.setAttribute('viewBox', `0 0 ${SPAN_MS} 10`);
  strip.setAttribute('preserveAspectRatio', 'none');
  const recent$ = entries$.pipe(
    scan<Entry, readonly Entry[]>((recent, entry) => [...recent.slice(1 - KEPT), entry], []),
    startWith([]),
  );
  return combineLatest([recent$, interval(REDRAW_MS)]).pipe(
    auditTime(REDRAW_MS / 2),
    map(([recent]) => drawing(recent, Date.now())),
    tap((shapes) => strip.replaceChildren(...shapes)),
  );
}

function drawing(entries: readonly Entry[], nowMs: number): SVGElement[] {
  const xOf = (atMs: number): number => Math.max(0, SPAN_MS - (nowMs - atMs));
  const states = entries.filter(({ kind, name }) => kind === 'state' && name !== 'ended');
  const bands = states.map(({ name, atMs }, index) => {
    const x = xOf(atMs);
    const band = draw('rect', { x, y: 0, height: 10, width: xOf(states[index + 1]?.atMs ?? nowMs) - x });
    band.dataset.state = name;
    return band;
  });
  const ticks = entries
    .filter(({ kind, atMs }) => kind !== 'state' && xOf(atMs) > 0)
    .map(({ kind, atMs }) => {
      const x = xOf(atMs);
      const tick = draw('line', { x1: x, x2: x, y1: kind === 'error' ? 0 : 6, y2: 10 });
      tick.dataset.kind = kind;
      return tick;
    });
  return [...bands, ...ticks];
}

/** `phaseTiming` → `phase timing` */
const spaced = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

function clock(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  return `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, '0')}`;
}

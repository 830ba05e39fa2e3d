// Four measurements, each with its present value and its last minute.
import type { DecartClient, LatencyReport, RealtimeStats } from 'decart-rx/browser';
import { filter, map, merge, type Observable, scan, tap } from 'rxjs';
import { create, element } from './dom.js';
import { createSparkline, niceCeiling } from './sparkline.js';

const SAMPLE_COUNT = 60;

interface Measure {
  readonly id: string;
  readonly unit: string;
  /** The top of the scale is never below this. */
  readonly leastCeiling: number;
  readonly read: (stats: RealtimeStats) => number | null;
  /** What to say when there is no value. */
  readonly missing?: (stats: RealtimeStats) => string;
}

const reasons: Readonly<Record<NonNullable<LatencyReport['unavailable']>, string>> = {
  'debug-quality-off': 'not measured',
  'no-local-video': 'no video goes in',
  'unstamped-source': 'source has no marker',
  'frame-too-small': 'frames too small',
  'no-frame-access': 'browser cannot read it',
  'no-marker-read': 'no marker seen yet',
  'no-frame-timing': 'no timed frame seen yet',
  'warming-up': 'warming up',
};

const measures: readonly Measure[] = [
  { id: 'fps', unit: 'fps', leastCeiling: 30, read: ({ video }) => video?.framesPerSecond ?? null },
  { id: 'bitrate', unit: 'kbps', leastCeiling: 100, read: ({ video }) => kilo(video?.bitrate) },
  { id: 'rtt', unit: 'ms', leastCeiling: 10, read: ({ connection }) => milli(connection.currentRoundTripTime) },
  {
    id: 'g2g',
    unit: 'ms',
    leastCeiling: 100,
    read: ({ latency }) => latency.medianMs,
    missing: ({ latency }) => (latency.unavailable ? reasons[latency.unavailable] : ''),
  },
];

const kilo = (value: number | null | undefined): number | null => (typeof value === 'number' ? value / 1000 : null);
const milli = (seconds: number | null): number | null => (seconds === null ? null : seconds * 1000);

/** Draws the measurements for as long as it is subscribed to; a new session starts with empty lines. */
export function showMeasures({ realtime }: DecartClient): Observable<unknown> {
  const started$ = realtime.connectionState$.pipe(
    filter((state) => state === 'connecting'),
    map(() => null),
  );
  const history$ = merge(realtime.stats$, started$).pipe(
    scan<RealtimeStats | null, readonly RealtimeStats[]>(
      (history, stats) => (stats ? [...history.slice(1 - SAMPLE_COUNT), stats] : []),
      [],
    ),
  );
  const views = measures.map(createView);
  return history$.pipe(
    tap((history) => {
      for (const render of views) render(history);
    }),
  );
}

function createView({ id, unit, leastCeiling, read, missing }: Measure): (history: readonly RealtimeStats[]) => void {
  const figure = element(id, HTMLElement);
  const sparkline = createSparkline(SAMPLE_COUNT);
  const scale = create('span');
  scale.className = 'scale';
  scale.title = 'Top of the scale';
  const output = create('output');
  // Changes every second: not to be read out each time.
  output.setAttribute('aria-live', 'off');
  figure.append(scale, output, sparkline.root);

  const render = (history: readonly RealtimeStats[]): void => {
    const samples = history.map(read);
    const last = history.at(-1);
    const value = samples.at(-1) ?? null;
    const highest = Math.max(leastCeiling, ...samples.filter((sample) => sample !== null));
    const ceiling = niceCeiling(highest);
    output.textContent = value === null ? ((last && missing?.(last)) ?? '–') : `${formatNumber(value)} ${unit}`;
    output.classList.toggle('none', value === null);
    scale.textContent = `≤ ${ceiling}`;
    sparkline.render(samples, ceiling);
  };
  render([]);
  return render;
}

const formatNumber = (value: number): string => (value < 10 ? value.toFixed(1) : String(Math.round(value)));

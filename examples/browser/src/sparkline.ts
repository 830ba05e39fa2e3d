import { draw } from './dom.js';

const HEIGHT = 40;

export interface Sparkline {
  readonly root: SVGSVGElement;
  /** Draws the samples from the oldest to the newest; `null` is a gap. */
  render(samples: readonly (number | null)[], ceiling: number): void;
}

/** A line over its area, as wide as its place; the newest sample is at the right edge. */
export function createSparkline(sampleCount: number): Sparkline {
  const root = draw('svg', {
    viewBox: `0 0 ${sampleCount - 1} ${HEIGHT}`,
    preserveAspectRatio: 'none',
    'aria-hidden': 'true',
  });
  const area = draw('path', { class: 'area' });
  const line = draw('path', { class: 'line' });
  root.append(area, line);
  return {
    root,
    render(samples, ceiling) {
      const runs = unbroken(samples, sampleCount - samples.length);
      const heightOf = (value: number): string =>
        (HEIGHT - 1 - (Math.min(value, ceiling) / ceiling) * (HEIGHT - 2)).toFixed(1);
      const pathOf = (run: Run): string => `M${run.map(([x, value]) => `${x} ${heightOf(value)}`).join('L')}`;
      line.setAttribute('d', runs.map(pathOf).join(''));
      const closed = runs.map((run) => `${pathOf(run)}L${run.at(-1)?.[0]} ${HEIGHT}L${run[0]?.[0]} ${HEIGHT}Z`);
      area.setAttribute('d', closed.join(''));
    },
  };
}

type Run = [x: number, value: number][];

/** Parts without gaps. */
function unbroken(samples: readonly (number | null)[], offset: number): Run[] {
  const runs: Run[] = [];
  let run: Run | null = null;
  samples.forEach((value, index) => {
    if (value === null) {
      run = null;
      return;
    }
    if (!run) {
      run = [];
      runs.push(run);
    }
    run.push([offset + index, value]);
  });
  return runs;
}

/** The next of 1, 2, 3, 5, 10, 20, … that is not below the value. */
export function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, Number.MIN_VALUE)));
  return [1, 2, 3, 5, 10].map((step) => step * power).find((step) => step >= value) ?? value;
}

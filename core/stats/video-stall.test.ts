import fc from 'fast-check';
import { initialVideoStallState, stepVideoStall, type VideoStallEvent } from './video-stall.js';

function eventsOf(rates: readonly (number | null)[]): (VideoStallEvent | null)[] {
  let state = initialVideoStallState;
  return rates.map((framesPerSecond, index) => {
    const [next, event] = stepVideoStall(state, { timestampMs: index * 1000, framesPerSecond });
    state = next;
    return event;
  });
}

describe('stepVideoStall', () => {
  it('reports the beginning and, with its duration, the end', () => {
    expect(eventsOf([30, 0.5, 0.49, 0, null, 0, 0.5, 30])).toEqual([
      null,
      null,
      { stalled: true, sinceMs: 2000 },
      null,
      null,
      null,
      { stalled: false, sinceMs: 2000, durationMs: 4000 },
      null,
    ]);
  });

  it('takes an unknown rate for neither', () => {
    expect(eventsOf([null, null])).toEqual([null, null]);
  });

  it('alternates, whatever the rates', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.double({ min: 0, max: 2, noNaN: true }))), (rates) => {
        const stalls = eventsOf(rates).flatMap((event) => (event === null ? [] : [event.stalled]));
        expect(stalls).toEqual(stalls.map((_, index) => index % 2 === 0));
      }),
    );
  });
});

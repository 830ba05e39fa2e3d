import { readMarker } from 'decart-rx/node';
import { EMPTY, ignoreElements, merge, mergeMap, Observable, of, take, tap } from 'rxjs';

/** @typedef {import('decart-rx/node').I420Frame} I420Frame */

/**
 * A frame as it went out, and the same one as it came back.
 * @typedef {object} FramePair
 * @property {I420Frame} input
 * @property {I420Frame} output
 * @property {number} inputAtMs
 * @property {number} outputAtMs
 */

/** @param {I420Frame} frame */
const markerOf = ({ data, width, height }) => readMarker(data, width, height, width);

/**
 * The next frame that is seen both going out and coming back, identified by the marker in its picture.
 *
 * @param {Observable<I420Frame>} outgoing$
 * @param {Observable<I420Frame>} incoming$
 * @param {() => number} now milliseconds
 * @returns {Observable<FramePair>} cold; one pair, then completes
 */
export function nextPair(outgoing$, incoming$, now) {
  return new Observable((subscriber) => {
    /** @type {Map<number, { input: I420Frame, inputAtMs: number }>} */
    const underway = new Map();
    const remembered$ = outgoing$.pipe(
      tap((input) => {
        const marker = markerOf(input);
        if (marker === null) return;
        underway.set(marker, { input, inputAtMs: now() });
        // What takes longer than this many frames is lost.
        const [oldest] = underway.keys();
        if (underway.size > 60 && oldest !== undefined) underway.delete(oldest);
      }),
      ignoreElements(),
    );
    const matched$ = incoming$.pipe(
      mergeMap((output) => {
        const sent = underway.get(markerOf(output) ?? -1);
        return sent === undefined ? EMPTY : of({ ...sent, output, outputAtMs: now() });
      }),
    );
    return merge(remembered$, matched$).pipe(take(1)).subscribe(subscriber);
  });
}

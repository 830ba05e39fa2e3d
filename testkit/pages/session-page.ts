// The page of the end-to-end tests: a client, and what a test asks of it.
// Counting begins before anything else is loaded.
import './resources.js';
import { filter, firstValueFrom, type Observable } from 'rxjs';
import * as sdk from '../../adapters/browser/index.js';
import { FrameCounter, meanColours } from './frame-counter.js';
import { heardAbove } from './loudness.js';
import { markers } from './markers.js';
import { type Resources, resources } from './resources.js';
import { drawStripes, nearest } from './stripes.js';
import { toneFile } from './tone.js';

/** Everything that an observable emits, in a list that grows. */
export function seen<T>(values$: Observable<T>): T[] {
  const values: T[] = [];
  values$.subscribe((value) => values.push(value));
  return values;
}

/** The first value that is not `null`. */
export const firstOf = <T>(values$: Observable<T | null>): Promise<T> =>
  firstValueFrom(values$.pipe(filter((value) => value !== null)));

Object.assign(globalThis, {
  sdk,
  resources,
  FrameCounter,
  meanColours,
  drawStripes,
  nearest,
  markers,
  seen,
  firstOf,
  heardAbove,
  toneFile,
  isReady: true,
});

export type PageSdk = typeof sdk;
export type PageResources = Resources;

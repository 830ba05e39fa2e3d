// What is asked of the service, besides prompt and image.
import { type RealtimeModel, RealtimeModels } from 'decart-rx/browser';
import { combineLatest, map, type Observable } from 'rxjs';
import { choiceOf, create, element, isChecked } from './dom.js';

/** What both the local video and the session depend on: they belong together when they have the same one. */
export interface Format {
  readonly model: RealtimeModel;
  readonly debugQuality: boolean;
}

/** State-like. */
export function chosenFormat(): Observable<Format> {
  const select = element('model', HTMLSelectElement);
  const options = RealtimeModels.all.map(({ name, width, height }) => {
    const option = create('option', `${name} (${width}×${height})`);
    option.value = name;
    return option;
  });
  select.replaceChildren(...options);
  const model$ = choiceOf(select).pipe(map((name) => RealtimeModels.fromName(name) ?? RealtimeModels.LUCY_2_1));
  return combineLatest({ model: model$, debugQuality: isChecked(element('markers', HTMLInputElement)) });
}

/** State-like; `undefined` leaves it to the service. */
export const chosenResolution = (): Observable<'720p' | '1080p' | undefined> =>
  choiceOf(element('resolution', HTMLSelectElement)).pipe(
    map((value) => (value === '720p' || value === '1080p' ? value : undefined)),
  );

/** State-like. */
export const chosenTransport = (): Observable<'livekit' | 'webrtc'> =>
  choiceOf(element('transport', HTMLSelectElement)).pipe(map((value) => (value === 'webrtc' ? 'webrtc' : 'livekit')));

import { expect, test } from '@jest/globals';
import { openedSince } from '../../scripts/jest/opened-since.js';
import { createDecartClient } from './index.js';

test('where there is no document nothing is opened, and calls stay pending', async () => {
  const before = process.getActiveResourcesInfo();
  const { realtime, release } = createDecartClient({ apiKey: 'key', baseUrl: 'ws://127.0.0.1:9' });
  const seen: unknown[] = [];
  const note = (what: unknown): void => void seen.push(what);
  realtime.connect({ model: 'lucy-2.1' }).then(note, note);
  realtime.subscribe({ token: 'token' }).then(note, note);
  realtime.checkConnectivity().then(note, note);
  const subscription = realtime
    .session$({ model: 'lucy-2.1' })
    .subscribe({ next: note, error: note, complete: () => note('complete') });
  realtime.errors$.subscribe(note);
  await new Promise(setImmediate);
  expect(seen).toEqual([]);
  expect(openedSince(before)).toEqual([]);

  subscription.unsubscribe();
  const states: string[] = [];
  const completed = new Promise<void>((resolve) => {
    realtime.connectionState$.subscribe({ next: (state) => states.push(state), complete: resolve });
  });
  await release();
  await completed;
  expect(states).toEqual(['disconnected']);
});

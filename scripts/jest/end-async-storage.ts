// jest keeps an AsyncLocalStorage for each test file and never ends it: every promise of later files would pass on those of
// all files before. Here each file ends its own.
import { AsyncLocalStorage } from 'node:async_hooks';
import { afterAll, beforeAll } from '@jest/globals';

const { run } = AsyncLocalStorage.prototype;
const used = new Set<AsyncLocalStorage<unknown>>();

beforeAll(() => {
  AsyncLocalStorage.prototype.run = function (this: AsyncLocalStorage<unknown>, ...args: Parameters<typeof run>) {
    used.add(this);
    return run.apply(this, args);
  } as typeof run;
});
afterAll(() => {
  AsyncLocalStorage.prototype.run = run;
  for (const storage of used) {
    // The file's own afterAll come after this one, and jest runs them in its storage: that would start it again.
    storage.run = (_store, callback, ...args) => callback(...args);
    storage.disable();
  }
});

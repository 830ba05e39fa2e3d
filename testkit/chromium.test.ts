import { expect, test } from '@jest/globals';

import { chromiumPath } from './chromium.js';

test('takes the given browser', () => {
  expect(chromiumPath({ CHROMIUM_PATH: process.execPath })).toBe(process.execPath);
});

test('says so when that browser does not exist', () => {
  expect(() => chromiumPath({ CHROMIUM_PATH: '/nowhere/chromium' })).toThrow(
    'CHROMIUM_PATH points to /nowhere/chromium, but there is no such file.',
  );
});

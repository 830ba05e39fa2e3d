import { afterEach, expect, jest, test } from '@jest/globals';
import { loadLiveKitClient } from './load.js';

const methods = ['trace', 'debug', 'info', 'warn', 'error'] as const;

afterEach(() => {
  jest.restoreAllMocks();
});

test('no logger of livekit-client writes to the console, nor one that its parts ask for later', async () => {
  const sdk = await loadLiveKitClient();
  const names = Object.values(sdk.LoggerNames);
  expect(names).toContain('livekit');
  const written: unknown[] = [];
  for (const method of [...methods, 'log'] as const) {
    jest.spyOn(console, method).mockImplementation((...args) => {
      written.push(args);
    });
  }
  for (const name of names) {
    // As each peer connection does it, which would reset the level.
    const logger = sdk.getLogger(name, () => ({ room: 'studio' }));
    for (const method of methods) logger[method]('triggering ICE restart');
  }
  expect(written).toEqual([]);
});

test('an app can still turn the loggers on', async () => {
  const sdk = await loadLiveKitClient();
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  sdk.setLogLevel('warn', sdk.LoggerNames.Room);
  sdk.getLogger(sdk.LoggerNames.Room).warn('shown');
  expect(warn.mock.calls).toEqual([['shown']]);
});

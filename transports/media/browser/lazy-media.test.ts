import { describe, expect, test } from '@jest/globals';
import type { Failure } from '../../../core/errors.js';
import { defaultPublishOptions } from '../../../core/session/machine/connect-plan.js';
import { mediaConformance, memoryMediaHarness } from '../../../testkit/conformance.js';
import { createMemoryNetwork } from '../../memory/index.js';
import { loadOnce } from '../load.js';
import { mediaLater } from './lazy-media.js';

describe('media in memory that is loaded when it is needed', () => {
  const later = memoryMediaHarness((transport) => mediaLater(loadOnce(async () => transport)));
  for (const { name, run } of mediaConformance(later)) test(name, run);
});

describe('media that does not load', () => {
  const request = {
    url: 'memory://room',
    token: 'token',
    localStream: null,
    videoTrack: null,
    publish: defaultPublishOptions,
    onMarker: null,
  };
  const lossOf = ({ code, permanent }: Failure): string => `lost ${code}${permanent ? ' for good' : ''}`;
  const types = (room: ReturnType<ReturnType<typeof mediaLater>['join']>): Promise<string[]> =>
    new Promise((resolve) => {
      const seen: string[] = [];
      room.events$.subscribe({
        next: (event) => seen.push(event.type === 'lost' ? lossOf(event.failure) : event.type),
        complete: () => resolve(seen),
      });
    });

  test('loses the room, and the next one is loaded again', async () => {
    const network = createMemoryNetwork({ onRoom: (room) => room.accept() });
    let tries = 0;
    const transport = mediaLater(
      loadOnce(async () => {
        tries += 1;
        if (tries === 1) throw new TypeError('Failed to fetch');
        return network.media;
      }),
    );
    expect(await types(transport.join(request))).toEqual(['lost LOAD_ERROR for good', 'closed']);
    const room = transport.join(request);
    const seen = types(room);
    await new Promise((resolve) => setImmediate(resolve));
    room.close();
    expect(await seen).toEqual(['joined', 'published', 'closed']);
    expect(tries).toBe(2);
  });

  test('is not asked for by a room that was closed before it was entered', async () => {
    const room = mediaLater(() => {
      throw new Error('asked');
    }).join(request);
    room.close();
    expect(await types(room)).toEqual(['closed']);
  });

  test('closes at once when it is closed, however long the load takes', async () => {
    const room = mediaLater(() => new Promise<never>(() => undefined)).join({
      ...request,
      publish: defaultPublishOptions,
    });
    const seen = types(room);
    room.close();
    expect(await seen).toEqual(['closed']);
  });

  test('does no harm when it is preloaded', async () => {
    const transport = mediaLater(loadOnce(() => Promise.reject(new TypeError('Failed to fetch'))));
    expect(() => transport.preload?.()).not.toThrow();
    await new Promise((resolve) => setImmediate(resolve));
  });
});

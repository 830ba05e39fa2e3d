import { expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { openLocalStream } from './local-stream.js';

it('refuses local video on a server, with a word about where to find it', async () => {
  const request = { width: 640, height: 360, fps: 25, facing: 'front', mirror: 'off' } as const;
  await expect(
    firstValueFrom(openLocalStream({ ...request, microphone: false, nextMarker: null })),
  ).rejects.toMatchObject({
    name: 'DecartError',
    code: 'INVALID_INPUT',
    message: expect.stringContaining('decart-rx/node'),
  });
});

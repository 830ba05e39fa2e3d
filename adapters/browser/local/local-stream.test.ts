import { expect, it } from '@jest/globals';
import { createDecartClient } from '../index.js';

it('refuses local video on a server, with a word about where to find it', async () => {
  const client = createDecartClient({ apiKey: 'key' });
  await expect(client.realtime.createLocalVideoStream({ model: 'lucy-2.1' })).rejects.toMatchObject({
    name: 'DecartError',
    code: 'INVALID_INPUT',
    message: expect.stringContaining('decart-rx/node'),
  });
  await client.release();
});

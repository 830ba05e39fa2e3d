import { createDecartClient, models } from '@decartai/sdk';
import { offer, show } from './shared.js';

offer(async ({ baseUrl, apiKey }, camera) => {
  const client = createDecartClient({ apiKey, realtimeBaseUrl: baseUrl });
  await client.realtime.connect(camera, {
    model: models.realtime('lucy-2.1'),
    onRemoteStream: show,
    preferredVideoCodec: 'vp8',
  });
});

import { createDecartClient, models } from '@decartai/sdk';
import { offer, show } from './shared.js';

offer(({ baseUrl, apiKey }) => {
  const client = createDecartClient({ apiKey, realtimeBaseUrl: baseUrl });
  return (camera) =>
    client.realtime.connect(camera, {
      model: models.realtime('lucy-2.1'),
      onRemoteStream: show,
      preferredVideoCodec: 'vp8',
    });
});

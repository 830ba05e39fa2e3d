// A page: the camera goes out, the remote video is shown, a prompt is acknowledged. `compat` holds what was seen.
import { createDecartClient } from 'decart-rx/browser';

const query = new URLSearchParams(location.search);

async function tryPage() {
  const client = createDecartClient({
    apiKey: query.get('DECART_API_KEY'),
    baseUrl: query.get('DECART_BASE_URL'),
    httpBaseUrl: query.get('DECART_HTTP_BASE_URL'),
  });
  const camera = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 240 } });
  const remote = await client.realtime.connect({ model: 'lucy-2.1' }, camera);
  const video = document.createElement('video');
  video.muted = true;
  document.body.append(video);
  const detach = remote.attach(video);
  let frames = 0;
  while (frames < 10) {
    await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    frames += 1;
  }
  await client.realtime.setPrompt('a forest');
  detach();
  await client.release();
  return { frames };
}

globalThis.compat = tryPage();

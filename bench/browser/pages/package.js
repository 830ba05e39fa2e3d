import { createDecartClient, createFrameProcessor } from 'decart-rx/browser';
import { offer, openCamera, video } from './shared.js';

/** Sessions by decart-rx, and cameras that it mirrors. */
export function offerPackage() {
  offer(({ baseUrl, apiKey }) => {
    const client = createDecartClient({ baseUrl, apiKey });
    // The official client always measures.
    client.realtime.stats$.subscribe();
    client.realtime.quality$.subscribe();
    return async (camera) => {
      const remote = await client.realtime.connect({ model: 'lucy-2.1' }, camera);
      remote.attach(video);
    };
  });

  /** A camera, mirrored by `path` or not at all (`null`), shown in the element. */
  globalThis.mirror = async (path, width, height) => {
    const camera = await openCamera(width, height);
    const [track] = camera.getVideoTracks();
    const createWorker = () => new Worker('/frame-worker.js', { type: 'module' });
    const processor = path && createFrameProcessor({ mirror: true, nextMarker: null, path, createWorker });
    await processor?.init({ kind: 'video', track });
    video.srcObject = new MediaStream([processor?.processedTrack ?? track]);
    await video.play();
  };
  globalThis.framesShown = () => video.getVideoPlaybackQuality().totalVideoFrames;
}

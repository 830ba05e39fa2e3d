// The page of the tests that pin what livekit-client does by itself: nothing of this package is in it.
import * as livekit from 'livekit-client';
import { FrameCounter } from './frame-counter.js';

/** A caller's camera: a track that moves. */
function camera(): MediaStreamTrack {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  let n = 0;
  setInterval(() => context?.fillRect(n++ % canvas.width, 0, 4, canvas.height), 30);
  return canvas.captureStream(30).getVideoTracks()[0] as MediaStreamTrack;
}

const page = { livekit, camera, FrameCounter };
Object.assign(globalThis, { page, isReady: true });

export type LiveKitPage = typeof page;

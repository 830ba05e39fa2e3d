import type { SimulatorSettings } from '../options.js';
import type { MediaService } from './media-service.js';
import { createNoMedia } from './no-media.js';

/** The media side that the settings ask for. What is not asked for is not loaded. */
export async function startMedia({ media, inProcess, host, mode, seed }: SimulatorSettings): Promise<MediaService> {
  if (media === 'none') return createNoMedia();
  if (inProcess) {
    const { createLiveKitMedia } = await import('./livekit-media.js');
    return createLiveKitMedia({ host, mode, media, seed });
  }
  const { startMediaProcess } = await import('./media-process.js');
  return startMediaProcess({ host, mode, media, seed });
}

import type { RoomLook } from '../media/media-service.js';
import type { LookChange } from './session-effects.js';

/** A change of the look with its images' bytes. */
export function lookOf({ prompt, image }: LookChange, readFile: (fileId: string) => Uint8Array | null): RoomLook {
  const look: { prompt?: string | null; image?: Uint8Array | null } = {};
  if (prompt !== undefined) look.prompt = prompt;
  if (image === null) look.image = null;
  else if (image !== undefined) {
    // A file of unknown content still makes a look of its own: that of its id.
    look.image =
      'base64' in image
        ? new Uint8Array(Buffer.from(image.base64, 'base64'))
        : (readFile(image.fileId) ?? new TextEncoder().encode(image.fileId));
  }
  return look;
}

import type { StyleChange } from '../../service/state-request.js';
import type { RoomStyle } from '../media/media-service.js';

/** A change of the style with its images' bytes. */
export function styleOf({ prompt, image }: StyleChange, readFile: (fileId: string) => Uint8Array | null): RoomStyle {
  const style: { prompt?: string | null; image?: Uint8Array | null } = {};
  if (prompt !== undefined) style.prompt = prompt;
  if (image === null) style.image = null;
  else if (image !== undefined) {
    // A file of unknown content still makes a style of its own: that of its id.
    style.image =
      'base64' in image
        ? new Uint8Array(Buffer.from(image.base64, 'base64'))
        : (readFile(image.fileId) ?? new TextEncoder().encode(image.fileId));
  }
  return style;
}

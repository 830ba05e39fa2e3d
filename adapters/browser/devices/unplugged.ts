import { DecartError } from '../../../core/errors.js';

/** A device, or a track that the caller brought, that was there and is gone. */
export const unplugged = (device: string): DecartError =>
  new DecartError({
    code: 'MEDIA_DEVICE_ERROR',
    message: `No ${device}: it was unplugged, or taken away by the system.`,
    permanent: true,
    data: { device, reason: 'unplugged' },
  });

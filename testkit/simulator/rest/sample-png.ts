const BASE64 = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** A picture of one pixel: the answer where the image that came in cannot be sent back. */
export const samplePng = (): Uint8Array => new Uint8Array(Buffer.from(BASE64, 'base64'));

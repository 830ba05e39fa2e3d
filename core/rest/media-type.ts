/** Content types of the media that the service takes, by the extension of a name. */
const BY_EXTENSION: Readonly<Record<string, string>> = {
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  mkv: 'video/x-matroska',
  avi: 'video/x-msvideo',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  heic: 'image/heic',
};

/** The type of bytes of which nothing is known. */
export const UNKNOWN_MEDIA_TYPE = 'application/octet-stream';

/** The content type for a file's name, `application/octet-stream` when its extension is unknown. */
export function mediaTypeOfName(name: string): string {
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return (Object.hasOwn(BY_EXTENSION, extension) ? BY_EXTENSION[extension] : undefined) ?? UNKNOWN_MEDIA_TYPE;
}

/** The content type for the first bytes of a file, `application/octet-stream` when they are unknown. */
export function mediaTypeOfBytes(bytes: Uint8Array): string {
  const text = (from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));
  if (text(4, 8) === 'ftyp') return isoType(text(8, 12));
  if (text(1, 4) === 'PNG') return 'image/png';
  if (text(0, 3) === 'GIF') return 'image/gif';
  if (text(0, 4) === 'RIFF') return text(8, 12) === 'WEBP' ? 'image/webp' : 'video/x-msvideo';
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return 'image/jpeg';
  if (text(0, 4) === '\x1aE\xdf\xa3') return 'video/webm';
  return UNKNOWN_MEDIA_TYPE;
}

function isoType(brand: string): string {
  if (brand === 'avif') return 'image/avif';
  if (brand === 'heic' || brand === 'mif1') return 'image/heic';
  return brand === 'qt  ' ? 'video/quicktime' : 'video/mp4';
}

// Requests that change prompt or image, whether they stand alone or in a join.
import { isBase64 } from '../../core/protocol/base64.js';
import type { decodeClientMessage } from '../../core/protocol/codec.js';

/** A frame from the client, decoded. */
export type ClientFrame = ReturnType<typeof decodeClientMessage>;

type Message = Extract<ClientFrame, { readonly _tag: 'message' }>['message'];

/** What a style is made of. A part that is absent stays as it is. */
export interface StyleChange {
  /** The prompt; `null` clears it. */
  readonly prompt?: string | null;
  /** The reference image; `null` clears it. */
  readonly image?: ImageSource | null;
}

/** A reference image as it stands on the wire. */
export type ImageSource = { readonly base64: string } | { readonly fileId: string };

/** A request that stands alone, or in a join. */
export type StateRequest = Extract<Message, { readonly type: 'prompt' | 'set_image' }>;

/** Why the service does not accept a request; `null`: it does. */
export function refusalOf(message: StateRequest, hasFile: (fileId: string) => boolean): string | null {
  if (message.type === 'prompt') return message.prompt === '' ? 'The prompt is empty' : null;
  if ('image_ref' in message) {
    return hasFile(message.image_ref) ? null : 'The referenced file does not exist';
  }
  const { image_data: data } = message;
  return data === null || isBase64(data) ? null : 'image_data is not base64';
}

/** What a request asks to be changed. */
export function styleChangeOf(message: StateRequest): StyleChange {
  if (message.type === 'prompt') return { prompt: message.prompt };
  const { prompt } = message;
  return { image: imageOf(message), ...(prompt !== undefined && { prompt }) };
}

function imageOf(message: Extract<StateRequest, { type: 'set_image' }>): ImageSource | null {
  if ('image_ref' in message) return { fileId: message.image_ref };
  return message.image_data === null ? null : { base64: message.image_data };
}

/** How a reference image came: none, as bytes, or as an uploaded file. */
export type ImageKind = 'none' | 'bytes' | 'file';

export const imageKind = (image: ImageSource | null): ImageKind =>
  image === null ? 'none' : 'base64' in image ? 'bytes' : 'file';

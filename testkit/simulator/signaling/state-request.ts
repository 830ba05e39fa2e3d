// Requests that change prompt or image, whether they stand alone or in a join.
import { isBase64 } from '../../../core/protocol/base64.js';
import type { ImageSource, StyleChange } from './session-effects.js';
import type { ClientFrame } from './session-events.js';

type Message = Extract<ClientFrame, { readonly _tag: 'message' }>['message'];

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

export const imageKind = (image: ImageSource | null): 'none' | 'bytes' | 'file' =>
  image === null ? 'none' : 'base64' in image ? 'bytes' : 'file';

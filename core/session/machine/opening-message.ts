// Wishes as the client's messages.
import type { PromptMessage, SetImageMessage } from '../../protocol/client-messages.js';
import type { EncodedImage } from './connect-plan.js';
import type { Intent } from './state.js';

/** `prompt` undefined: the prompt in force stays. */
export function setImageMessage(
  image: EncodedImage | null,
  prompt: string | null | undefined,
  enhance: boolean,
): SetImageMessage {
  const rest = prompt === undefined ? {} : { prompt, enhance_prompt: enhance };
  if (image !== null && 'ref' in image) return { type: 'set_image', image_ref: image.ref, ...rest };
  return { type: 'set_image', image_data: image?.data ?? null, ...rest };
}

/** The message that asks for all of an intent at once; `null` when there is none. */
export function initialMessageOf({ prompt, image }: Intent): PromptMessage | SetImageMessage | null {
  if (image !== null) return setImageMessage(image, prompt?.text, prompt?.enhance ?? true);
  return prompt === null ? null : { type: 'prompt', prompt: prompt.text, enhance_prompt: prompt.enhance };
}

// Wishes as the client's messages.
import type { PromptMessage, SetImageMessage } from '../../protocol/client-messages.js';
import type { EncodedImage, PromptIntent } from './connect-plan.js';
import type { Intent } from './state.js';

/** `prompt`: `null` clears it; undefined: the one in force stays. */
export function setImageMessage(image: EncodedImage | null, prompt: PromptIntent | null | undefined): SetImageMessage {
  const rest = prompt === undefined ? {} : promptFields(prompt);
  if (image !== null && 'ref' in image) return { type: 'set_image', image_ref: image.ref, ...rest };
  return { type: 'set_image', image_data: image?.data ?? null, ...rest };
}

const promptFields = (prompt: PromptIntent | null) =>
  prompt === null ? { prompt, enhance_prompt: true } : { prompt: prompt.text, enhance_prompt: prompt.enhance };

/** The message that asks for all of an intent at once; `null` when there is none. */
export function initialMessageOf({ prompt, image }: Intent): PromptMessage | SetImageMessage | null {
  if (image !== null) return setImageMessage(image, prompt ?? undefined);
  return prompt === null ? null : { type: 'prompt', prompt: prompt.text, enhance_prompt: prompt.enhance };
}

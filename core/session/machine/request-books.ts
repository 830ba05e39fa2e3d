// The books: which requests are on their way.
import type { Draft } from './draft.js';
import type { ImageRequest, PromptRequest } from './state.js';

export type Request = PromptRequest | ImageRequest;

export const findRequest = (draft: Draft, requestId: number): Request | undefined =>
  draft.state.prompts.find(({ id }) => id === requestId) ?? draft.state.images.find(({ id }) => id === requestId);

export function replaceRequest(draft: Draft, request: Request): void {
  const replace = <R extends Request>(others: readonly R[], by: R): readonly R[] =>
    others.map((other) => (other.id === by.id ? by : other));
  draft.state =
    request.kind === 'prompt'
      ? { ...draft.state, prompts: replace(draft.state.prompts, request) }
      : { ...draft.state, images: replace(draft.state.images, request) };
}

export function removeRequest(draft: Draft, { kind, id }: Request): void {
  draft.state =
    kind === 'prompt'
      ? { ...draft.state, prompts: draft.state.prompts.filter((other) => other.id !== id) }
      : { ...draft.state, images: draft.state.images.filter((other) => other.id !== id) };
}

/** A caller waits for the answer to a prompt that was asked for after the request with this id. */
export const isPromptPendingSince = (draft: Draft, requestId: number): boolean =>
  draft.state.prompts.some(({ id, waiting }) => waiting === 'caller' && id > requestId);

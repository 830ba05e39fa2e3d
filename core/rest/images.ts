import { defer, filter, map } from 'rxjs';
import { checkDurations, checkFields, invalidInput } from '../check.js';
import type { UploadInput } from '../input.js';
import type { ImageModel, ImageModelName } from '../job-models.js';
import { promised } from './abortable.js';
import { blobOf, type CallOptions, type RestCall, type RestDeps, restCall$ } from './call.js';
import { imageForm, imageModel } from './job-input.js';

/** What an image is made of. */
export interface ImageEdit {
  /** The image to change: as in {@link UploadInput}, or base64. */
  readonly data: UploadInput;
  /** What to make of it. At least one character. */
  readonly prompt: string;
  /** An image to follow: as in {@link UploadInput}, base64, or the id of an uploaded file (`file_…`). @default none */
  readonly referenceImage?: UploadInput | undefined;
  /** 0 to 4,294,967,295; the same seed gives the same image. @default the service picks one */
  readonly seed?: number | undefined;
  /** @default '720p' */
  readonly resolution?: '480p' | '720p' | undefined;
  /** Let the service enhance the prompt. @default true */
  readonly enhancePrompt?: boolean | undefined;
}

/** Images in, images out: one request, one answer. The same models take jobs, too: see `client.queue`. */
export interface ImagesClient {
  /**
   * Changes an image after a prompt. Resolves with the image; its `type` says which kind it is, usually `image/png`.
   *
   * @param model one of `ImageModels`, or its name.
   * @param options `timeoutMs` is the longest silence of the connection: the service is silent while it works.
   * @throws DecartError INVALID_INPUT, MODEL_NOT_FOUND, INVALID_API_KEY, IMAGE_EDIT_ERROR, ABORTED. Not sent again by
   * itself: each try is billed.
   *
   * @example
   * ```ts
   * import type { DecartClient } from 'decart-rx';
   *
   * export async function paint(client: DecartClient, picture: File, image: HTMLImageElement): Promise<void> {
   *   const painted = await client.images.edit('lucy-image-2', { data: picture, prompt: 'as a watercolour' });
   *   image.src = URL.createObjectURL(painted);
   * }
   * ```
   */
  edit(model: ImageModel | ImageModelName | (string & {}), input: ImageEdit, options?: CallOptions): Promise<Blob>;
}

const FIELDS = ['data', 'prompt', 'referenceImage', 'seed', 'resolution', 'enhancePrompt'];

/** The images client over an HTTP port. */
export const createImagesClient = (deps: RestDeps): ImagesClient => ({
  edit: (model, input, options = {}) => {
    const image$ = defer(() => {
      checkDurations({ timeoutMs: options.timeoutMs });
      checkFields(input, 'input', FIELDS);
      const { enhancePrompt, ...rest } = input;
      if (enhancePrompt !== undefined && typeof enhancePrompt !== 'boolean') {
        throw invalidInput('enhancePrompt', 'expected true or false');
      }
      const chosen = imageModel(deps, model);
      const call: RestCall = {
        failure: 'The image could not be made',
        code: 'IMAGE_EDIT_ERROR',
        method: 'POST',
        path: chosen.path,
        body: { type: 'form', parts: imageForm(chosen, { ...rest, enhance: enhancePrompt }) },
        accept: 'blob',
        timeoutMs: options.timeoutMs,
        data: { model: chosen.name },
      };
      return restCall$(deps, call).pipe(
        filter((event) => event.type === 'response'),
        map((response) => blobOf(response, call)),
      );
    });
    return promised(deps, image$, options.signal);
  },
});

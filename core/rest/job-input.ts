import { checkFields, checkWhole, invalidInput } from '../check.js';
import { DecartError } from '../errors.js';
import type { UploadInput } from '../input.js';
import { type VideoModel, VideoModels } from '../models.js';
import type { FormPart } from '../ports/http.js';
import { field, imagePart, uploadPart } from './form.js';

/** What a job works on. Which of `prompt` and `referenceImage` it takes depends on the model: see {@link jobForm}. */
export interface JobInput {
  /** The video. */
  readonly data: UploadInput;
  readonly prompt?: string;
  /** An image as in {@link UploadInput}, base64 text, or the id of an uploaded file (`file_…`). */
  readonly referenceImage?: UploadInput;
  /** 0 to 4,294,967,295; the same seed gives the same video. Default: the service picks one. */
  readonly seed?: number;
  readonly resolution?: '720p' | '1080p';
  /** Let the service enhance the prompt. Default: the service's own (true). */
  readonly enhance?: boolean;
}

const FIELDS = ['data', 'prompt', 'referenceImage', 'seed', 'resolution', 'enhance'];
const RESOLUTIONS: readonly unknown[] = ['720p', '1080p'];
const MAX_SEED = 0xffff_ffff;

/**
 * The model of a job, by itself or by its name.
 * @throws DecartError MODEL_NOT_FOUND, INVALID_INPUT
 */
export function videoModel(model: VideoModel | string): VideoModel {
  if (typeof model === 'string') {
    const known = VideoModels.fromName(model);
    if (known) return known;
    throw new DecartError({
      code: 'MODEL_NOT_FOUND',
      message: `No video model is named ${JSON.stringify(model.slice(0, 64))}; see VideoModels.all.`,
      data: { field: 'model', model: model.slice(0, 64) },
      permanent: true,
    });
  }
  const { name, path } = (model ?? {}) as { name?: unknown; path?: unknown };
  if (typeof name !== 'string' || typeof path !== 'string' || !path.startsWith('/')) {
    throw invalidInput('model', 'expected one of VideoModels, or the name of one');
  }
  return model;
}

/** Restyle models take their style from a prompt or from an image. */
const isRestyle = (model: VideoModel): boolean => model.name.startsWith('lucy-restyle');

/**
 * The form of a job. Restyle models take a prompt (not empty) or a reference image, not both; the others take a prompt
 * (it may be empty) and, if wanted, a reference image. Nothing of the input is read yet.
 *
 * @throws DecartError INVALID_INPUT; `data.field` names the field that breaks a rule.
 */
export function jobForm(model: VideoModel, input: JobInput): readonly FormPart[] {
  checkFields(input, 'input', FIELDS);
  const { data, prompt, referenceImage, seed, resolution, enhance } = input;
  if (data === undefined) throw invalidInput('data', 'a job needs a video');
  if (prompt !== undefined && typeof prompt !== 'string') throw invalidInput('prompt', 'expected text');
  if (isRestyle(model)) checkRestyle(model, input);
  else if (prompt === undefined) throw invalidInput('prompt', `${model.name} takes a prompt, which may be empty`);
  if (seed !== undefined) checkWhole(seed, 'seed', 0, MAX_SEED);
  if (resolution !== undefined && !RESOLUTIONS.includes(resolution)) {
    throw invalidInput('resolution', "expected '720p' or '1080p'");
  }
  if (enhance !== undefined && typeof enhance !== 'boolean') throw invalidInput('enhance', 'expected true or false');

  return [
    // The small fields go first, so that the service can refuse a job before it has taken in its video.
    ...field('prompt', prompt),
    ...field('seed', seed),
    ...field('resolution', resolution),
    ...field('enhance_prompt', enhance),
    ...(referenceImage === undefined ? [] : [imagePart('reference_image', 'referenceImage', referenceImage)]),
    uploadPart('data', 'data', data),
  ];
}

function checkRestyle(model: VideoModel, { prompt, referenceImage, enhance }: JobInput): void {
  if (prompt !== undefined && referenceImage !== undefined) {
    throw invalidInput('referenceImage', `${model.name} takes a prompt or a reference image, not both`);
  }
  if (prompt === undefined && referenceImage === undefined) {
    throw invalidInput('prompt', `${model.name} takes a prompt or a reference image, and there is neither`);
  }
  if (prompt === '') throw invalidInput('prompt', `${model.name} takes a prompt of at least one character`);
  if (enhance !== undefined && prompt === undefined) throw invalidInput('enhance', 'there is no prompt to enhance');
}

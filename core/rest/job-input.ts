import { checkFields, checkModel, checkOneOf, checkPath, checkText, checkWhole, invalidInput } from '../check.js';
import type { UploadInput } from '../input.js';
import { type ImageModel, ImageModels, type VideoModel, VideoModels } from '../job-models.js';
import type { FormPart } from '../ports/http.js';
import type { RestDeps } from './call.js';
import { field, imagePart, uploadPart } from './form.js';

/** What a job works on. What it takes and what it needs depends on the model; see each field. */
export interface JobInput {
  /** The video; for an image model the image. */
  readonly data: UploadInput;
  /**
   * Needed by `lucy-clip` and by image models. Restyle models take a prompt of at least one character or a reference
   * image, not both. The other models do without. @default none
   */
  readonly prompt?: string | undefined;
  /**
   * An image as in {@link UploadInput}, base64 text, or the id of an uploaded file (`file_…`). `lucy-robot-720p` takes
   * none. @default none
   */
  readonly referenceImage?: UploadInput | undefined;
  /** 0 to 4,294,967,295; the same seed gives the same video. @default the service picks one */
  readonly seed?: number | undefined;
  /** Videos come in 720p; images also in 480p. @default '720p' */
  readonly resolution?: '480p' | '720p' | undefined;
  /** Let the service enhance the prompt. @default true */
  readonly enhance?: boolean | undefined;
  /** `lucy-2.5` and `lucy-latest` only: hold on to what the model has made so far. @default true */
  readonly selfAnchor?: boolean | undefined;
}

/** A model of the queue API. */
export type JobModel = VideoModel | ImageModel;

const FIELDS = ['data', 'prompt', 'referenceImage', 'seed', 'resolution', 'enhance', 'selfAnchor'];
const MAX_SEED = 0xffff_ffff;

const jobModels = {
  all: [...VideoModels.all, ...ImageModels.all],
  fromName: (name: string): JobModel | undefined => VideoModels.fromName(name) ?? ImageModels.fromName(name),
};

const isImageModel = (model: JobModel): model is ImageModel => 'jobPath' in model;

/** Path of the call that submits a job. */
export const jobPathOf = (model: JobModel): string => (isImageModel(model) ? model.jobPath : model.path);

/**
 * The model of a job, by itself or by its name.
 * @throws DecartError MODEL_NOT_FOUND, INVALID_INPUT
 */
export function jobModel({ onRenamed }: Pick<RestDeps, 'onRenamed'>, given: unknown): JobModel {
  const model = checkModel(given, 'video or image', jobModels);
  checkPath(jobPathOf(model), 'model.path');
  if (typeof given === 'string' && given !== model.name) onRenamed?.(given, model.name);
  return model;
}

/** The model of an image, by itself or by its name. @throws DecartError MODEL_NOT_FOUND, INVALID_INPUT */
export function imageModel({ onRenamed }: Pick<RestDeps, 'onRenamed'>, given: unknown): ImageModel {
  const model = checkModel(given, 'image', ImageModels);
  checkPath(model.path, 'model.path');
  if (typeof given === 'string' && given !== model.name) onRenamed?.(given, model.name);
  return model;
}

/**
 * The form of a job. Nothing of the input is read yet.
 * @throws DecartError INVALID_INPUT; `data.field` names the field that breaks a rule
 */
export function jobForm(model: JobModel, input: JobInput): readonly FormPart[] {
  checkFields(input, 'input', FIELDS);
  if (isImageModel(model)) return imageForm(model, input);
  const { data, prompt, referenceImage, resolution, selfAnchor } = input;
  if (prompt !== undefined && typeof prompt !== 'string') throw invalidInput('prompt', 'expected text');
  if (model.name.startsWith('lucy-restyle')) checkRestyle(model, input);
  if (model.name.startsWith('lucy-clip')) checkPrompt(model, prompt);
  if (referenceImage !== undefined && model.name.startsWith('lucy-robot')) {
    throw invalidInput('referenceImage', `${model.name} takes none`);
  }
  if (resolution !== undefined) checkOneOf(resolution, ['720p'], 'resolution');
  if (selfAnchor !== undefined && !/^lucy-(2\.5|latest)$/.test(model.name)) {
    throw invalidInput('selfAnchor', `${model.name} has no such setting; lucy-2.5 and lucy-latest do`);
  }
  const shared = [...sharedFields(input), ...field('self_anchor', checkFlag(selfAnchor, 'selfAnchor'))];
  if (data === undefined) throw invalidInput('data', 'a job needs a video');
  // The small fields go first, so that the service can refuse a job before it has taken in its video.
  return [...shared, ...reference(referenceImage), uploadPart('data', 'data', data)];
}

/** The form of an image: of a call to `images.edit`, and of a job of an image model. @throws DecartError INVALID_INPUT */
export function imageForm(model: ImageModel, input: JobInput): readonly FormPart[] {
  const { data, prompt, referenceImage, resolution, selfAnchor } = input;
  checkPrompt(model, prompt);
  if (resolution !== undefined) checkOneOf(resolution, ['480p', '720p'], 'resolution');
  if (selfAnchor !== undefined) throw invalidInput('selfAnchor', `${model.name} has no such setting`);
  if (data === undefined) throw invalidInput('data', 'there is no image');
  const source = imagePart('data', 'data', data);
  if (source.type === 'field') throw invalidInput('data', 'the id of a file is not taken here; pass the image itself');
  return [...sharedFields(input), ...reference(referenceImage), source];
}

function sharedFields({ prompt, seed, resolution, enhance }: JobInput): readonly FormPart[] {
  if (seed !== undefined) checkWhole(seed, 'seed', 0, MAX_SEED);
  return [
    ...field('prompt', prompt),
    ...field('seed', seed),
    ...field('resolution', resolution),
    ...field('enhance_prompt', checkFlag(enhance, 'enhance')),
  ];
}

const reference = (image: UploadInput | undefined): readonly FormPart[] =>
  image === undefined ? [] : [imagePart('reference_image', 'referenceImage', image)];

function checkFlag(value: boolean | undefined, name: string): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  throw invalidInput(name, 'expected true or false');
}

function checkPrompt(model: JobModel, prompt: string | undefined): void {
  if (prompt === undefined) throw invalidInput('prompt', `${model.name} needs a prompt`);
  checkText(prompt, 'prompt');
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

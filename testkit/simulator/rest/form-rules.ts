import { ImageModels } from '../../../core/job-models.js';
import { currentName } from '../../../core/models.js';
import { isVideoModel } from '../served-models.js';
import { Refusal } from './answer.js';
import type { ReceivedForm } from './receive-form.js';

const isFlag = (text: string): boolean => /^(true|false|1|0|yes|no|on|off)$/i.test(text);

/** The rules of the service for a job, kept by the server too: not every client keeps them. */
export function checkJobForm(name: string, form: ReceivedForm): void {
  const model = currentName(name) ?? name;
  if (ImageModels.fromName(model) !== undefined) return checkImageForm(name, form);
  if (!isVideoModel(model)) throw new Refusal(404, `Model not found: ${name.slice(0, 64)}`);
  const { fields, files } = form;
  checkShared(form, 'video', ['720p']);
  const hasImage = files.has('reference_image') || fields.has('reference_image');
  if (hasImage && model.startsWith('lucy-robot')) throw new Refusal(422, 'reference_image: it is not taken');
  if (model.startsWith('lucy-restyle') && Boolean(fields.get('prompt')) === hasImage) {
    throw new Refusal(422, 'prompt: give a prompt or a reference image, and not both');
  }
  if (model.startsWith('lucy-clip') && !fields.get('prompt')) throw new Refusal(422, 'prompt: Field required');
  checkFlag(form, 'self_anchor');
}

/** Those for an image. */
export function checkImageForm(name: string, form: ReceivedForm): void {
  if (ImageModels.fromName(name) === undefined) throw new Refusal(404, `Model not found: ${name.slice(0, 64)}`);
  if (!form.fields.get('prompt')) throw new Refusal(422, 'prompt: Field required');
  checkShared(form, 'image', ['480p', '720p']);
}

function checkShared(form: ReceivedForm, what: string, resolutions: readonly string[]): void {
  const { fields, files } = form;
  const data = files.get('data');
  if (data === undefined) throw new Refusal(422, 'data: Field required');
  if (data.sizeBytes === 0) throw new Refusal(422, `data: the ${what} is empty`);
  const seed = fields.get('seed');
  if (seed !== undefined && !(/^\d{1,10}$/.test(seed) && Number(seed) <= 0xffff_ffff)) {
    throw new Refusal(422, 'seed: expected 0 to 4294967295');
  }
  const resolution = fields.get('resolution');
  if (resolution !== undefined && !resolutions.includes(resolution)) {
    throw new Refusal(422, `resolution: expected ${resolutions.join(' or ')}`);
  }
  checkFlag(form, 'enhance_prompt');
}

function checkFlag({ fields }: ReceivedForm, name: string): void {
  const text = fields.get(name);
  if (text !== undefined && !isFlag(text)) throw new Refusal(422, `${name}: expected true or false`);
}

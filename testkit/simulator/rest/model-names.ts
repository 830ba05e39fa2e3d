import { ImageModels } from '../../../core/job-models.js';
import { currentName } from '../../../core/models.js';
import { isRealtimeModel, isVideoModel } from '../served-models.js';
import { Refusal } from './answer.js';

/** What the names that move stand for here. */
const LATEST: Readonly<Record<string, string>> = {
  'lucy-latest': 'lucy-2.5',
  'lucy-vton-latest': 'lucy-vton-3.5',
  'lucy-restyle-latest': 'lucy-restyle-2',
  'lucy-clip-latest': 'lucy-clip',
  'lucy-image-latest': 'lucy-image-2',
};

const idOf = (name: string): string | null => {
  const current = LATEST[name] ?? currentName(name) ?? name;
  const isKnown = isRealtimeModel(current) || isVideoModel(current) || ImageModels.fromName(current) !== undefined;
  return isKnown ? current : null;
};

/** The wire's answer to what names of models stand for. */
export function resolveNames({ model, models }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (typeof model === 'string') return { model_id: idOf(model), model_ids: null };
  if (!Array.isArray(models) || !models.every((name): name is string => typeof name === 'string')) {
    throw new Refusal(422, 'models: expected names of models');
  }
  const known = models.map((name) => [name, idOf(name)] as const).filter(([, id]) => id !== null);
  return { model_id: null, model_ids: Object.fromEntries(known) };
}

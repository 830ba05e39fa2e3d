/** A realtime model: what to ask the service for, and the size and rate to capture at. */
export interface RealtimeModel {
  /** Its name on the wire. */
  readonly name: string;
  /** Path of the signaling endpoint under the base URL, with its leading slash. */
  readonly urlPath: string;
  /** Frames per second. */
  readonly fps: number;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

const realtime = <N extends string>(name: N, width: number, height: number): RealtimeModel & { readonly name: N } =>
  Object.freeze({ name, urlPath: '/v1/stream', fps: 30, width, height });

/** Names that the service still takes, and those that took their place. */
const renamed: Readonly<Record<string, string>> = {
  'lucy-2.1-vton-2': 'lucy-vton-2',
  'lucy-pro-v2v': 'lucy-clip',
  'lucy-restyle-v2v': 'lucy-restyle-2',
  'lucy-pro-i2i': 'lucy-image-2',
};

/** The name that took the place of a deprecated one; `undefined` for an unknown name. */
export const currentName = (name: string): string | undefined =>
  Object.hasOwn(renamed, name) ? renamed[name] : undefined;

/** The model with this name, or with the name that took the place of this one. */
export const findIn = <M extends { readonly name: string }>(models: readonly M[], name: string): M | undefined =>
  models.find((model) => model.name === name) ?? models.find((model) => model.name === currentName(name));

const realtimeModels = {
  LUCY_2_1: realtime('lucy-2.1', 1088, 624),
  LUCY_2_5: realtime('lucy-2.5', 1280, 720),
  LUCY_VTON_2: realtime('lucy-vton-2', 1088, 624),
  LUCY_VTON_3: realtime('lucy-vton-3', 1088, 624),
  LUCY_VTON_3_5: realtime('lucy-vton-3.5', 1280, 720),
  LUCY_RESTYLE_2: realtime('lucy-restyle-2', 1280, 704),
  /** Stands for lucy-2.5 at present; see `client.models.resolve`. */
  LUCY_LATEST: realtime('lucy-latest', 1280, 720),
  LUCY_VTON_LATEST: realtime('lucy-vton-latest', 1280, 720),
  LUCY_RESTYLE_LATEST: realtime('lucy-restyle-latest', 1280, 704),
} as const;

/** @deprecated The service's older name of {@link RealtimeModels.LUCY_VTON_2}. */
const LUCY_2_1_VTON_2 = realtime('lucy-2.1-vton-2', 1088, 624);

/** Names of the realtime models that are not deprecated. */
export type RealtimeModelName = (typeof realtimeModels)[keyof typeof realtimeModels]['name'];

/** A realtime model as calls take it: a model, or a name. Editors complete the known names; any other is taken, too. */
export type RealtimeModelInput = RealtimeModel | RealtimeModelName | (string & Record<never, never>);

const allRealtime: readonly RealtimeModel[] = Object.freeze(Object.values(realtimeModels));

/**
 * The realtime models, as constants; `all` lists those that are not deprecated, `fromName` finds one by its wire name
 * (deprecated names too) or gives `undefined`. A model of your own is any object of the same shape.
 *
 * @example
 * ```ts
 * import { type DecartClient, RealtimeModels } from 'decart-rx';
 *
 * export const start = (client: DecartClient) => client.realtime.connect({ model: RealtimeModels.LUCY_2_5 });
 * ```
 */
export const RealtimeModels = Object.freeze({
  ...realtimeModels,
  LUCY_2_1_VTON_2,
  all: allRealtime,
  fromName: (name: string): RealtimeModel | undefined => findIn([...allRealtime, LUCY_2_1_VTON_2], name),
});

/** Whether the model moves a picture with sound instead of changing video. Served over direct WebRTC only. */
export const isAvatarModel = (name: string): boolean => /^live[-_]avatar$/.test(name);

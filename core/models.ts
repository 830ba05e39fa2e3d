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

/** A video model of the queue API. */
export interface VideoModel {
  /** Its name on the wire. */
  readonly name: string;
  /** Path of `POST /v1/jobs/<name>`. */
  readonly path: string;
  /** Frames per second that the service makes. */
  readonly fps: number;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

/** An image model: for `client.images`, and for jobs. */
export interface ImageModel {
  /** Its name on the wire. */
  readonly name: string;
  /** Path of `POST /v1/generate/<name>`, which answers with the image. */
  readonly path: string;
  /** Path of `POST /v1/jobs/<name>`. */
  readonly jobPath: string;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

const realtime = <N extends string>(name: N, width: number, height: number): RealtimeModel & { readonly name: N } =>
  Object.freeze({ name, urlPath: '/v1/stream', fps: 30, width, height });

const video = <N extends string>(
  name: N,
  width: number,
  height: number,
  fps: number,
): VideoModel & { readonly name: N } => Object.freeze({ name, path: `/v1/jobs/${name}`, fps, width, height });

const image = <N extends string>(name: N): ImageModel & { readonly name: N } =>
  Object.freeze({ name, path: `/v1/generate/${name}`, jobPath: `/v1/jobs/${name}`, width: 1280, height: 704 });

/** Names that the service still takes, and those that took their place. */
const renamed: Readonly<Record<string, string>> = {
  'lucy-2.1-vton-2': 'lucy-vton-2',
  'lucy-pro-v2v': 'lucy-clip',
  'lucy-restyle-v2v': 'lucy-restyle-2',
  'lucy-pro-i2i': 'lucy-image-2',
};

/** The name that took the place of a deprecated one; `undefined` for a name that is none. */
export const currentName = (name: string): string | undefined =>
  Object.hasOwn(renamed, name) ? renamed[name] : undefined;

const findIn = <M extends { readonly name: string }>(models: readonly M[], name: string): M | undefined =>
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
 * await client.realtime.connect({ model: RealtimeModels.LUCY_2_5 });
 * ```
 */
export const RealtimeModels = Object.freeze({
  ...realtimeModels,
  LUCY_2_1_VTON_2,
  all: allRealtime,
  fromName: (name: string): RealtimeModel | undefined => findIn([...allRealtime, LUCY_2_1_VTON_2], name),
});

const videoModels = {
  LUCY_CLIP: video('lucy-clip', 1280, 704, 25),
  LUCY_2_1: video('lucy-2.1', 1088, 624, 20),
  LUCY_2_5: video('lucy-2.5', 1280, 720, 20),
  LUCY_VTON_2: video('lucy-vton-2', 1088, 624, 20),
  LUCY_VTON_3: video('lucy-vton-3', 1088, 624, 20),
  LUCY_VTON_3_5: video('lucy-vton-3.5', 1280, 720, 20),
  /** For videos of 4:3. */
  LUCY_VTON_3_5_4_3: video('lucy-vton-3.5-4-3', 960, 720, 20),
  /** For square videos. */
  LUCY_VTON_3_5_1_1: video('lucy-vton-3.5-1-1', 720, 720, 20),
  LUCY_RESTYLE_2: video('lucy-restyle-2', 1280, 704, 22),
  LUCY_ROBOT_720P: video('lucy-robot-720p', 1280, 720, 20),
  LUCY_LATEST: video('lucy-latest', 1280, 720, 20),
  LUCY_VTON_LATEST: video('lucy-vton-latest', 1280, 720, 20),
  LUCY_RESTYLE_LATEST: video('lucy-restyle-latest', 1280, 704, 22),
  LUCY_CLIP_LATEST: video('lucy-clip-latest', 1280, 704, 25),
} as const;

/** Names of the video models that are not deprecated. */
export type VideoModelName = (typeof videoModels)[keyof typeof videoModels]['name'];

const allVideo: readonly VideoModel[] = Object.freeze(Object.values(videoModels));

/** The video models of the queue API; `fromName` answers a deprecated name with the model that took its place. */
export const VideoModels = Object.freeze({
  ...videoModels,
  all: allVideo,
  fromName: (name: string): VideoModel | undefined => findIn(allVideo, name),
});

const imageModels = {
  LUCY_IMAGE_2: image('lucy-image-2'),
  LUCY_IMAGE_LATEST: image('lucy-image-latest'),
} as const;

/** Names of the image models that are not deprecated. */
export type ImageModelName = (typeof imageModels)[keyof typeof imageModels]['name'];

const allImage: readonly ImageModel[] = Object.freeze(Object.values(imageModels));

/** The image models; `fromName` answers a deprecated name with the model that took its place. */
export const ImageModels = Object.freeze({
  ...imageModels,
  all: allImage,
  fromName: (name: string): ImageModel | undefined => findIn(allImage, name),
});

/** Whether the model moves a picture with sound instead of changing video. Served over direct WebRTC only. */
export const isAvatarModel = (name: string): boolean => /^live[-_]avatar$/.test(name);

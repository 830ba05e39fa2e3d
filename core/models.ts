/** A realtime model: what to ask the service for, and the size and rate to capture at. */
export interface RealtimeModel {
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

/** A model of the queue API. `path` is that of `POST /v1/jobs/<name>`. */
export interface VideoModel {
  readonly name: string;
  readonly path: string;
  readonly fps: number;
  readonly width: number;
  readonly height: number;
}

const realtime = (name: string, width: number, height: number): RealtimeModel =>
  Object.freeze({ name, urlPath: '/v1/stream', fps: 30, width, height });

const video = (name: string, width: number, height: number, fps: number): VideoModel =>
  Object.freeze({ name, path: `/v1/jobs/${name}`, fps, width, height });

const realtimeModels = {
  LUCY_2_1: realtime('lucy-2.1', 1088, 624),
  LUCY_2_5: realtime('lucy-2.5', 1280, 720),
  LUCY_VTON_2: realtime('lucy-vton-2', 1088, 624),
  LUCY_VTON_3: realtime('lucy-vton-3', 1088, 624),
  LUCY_VTON_3_5: realtime('lucy-vton-3.5', 1280, 720),
  LUCY_RESTYLE_2: realtime('lucy-restyle-2', 1280, 704),
  LUCY_LATEST: realtime('lucy-latest', 1088, 624),
  LUCY_VTON_LATEST: realtime('lucy-vton-latest', 1280, 720),
  LUCY_RESTYLE_LATEST: realtime('lucy-restyle-latest', 1280, 704),
} as const;

/** @deprecated The service's older name of {@link RealtimeModels.LUCY_VTON_2}. */
const LUCY_2_1_VTON_2 = realtime('lucy-2.1-vton-2', 1088, 624);

const allRealtime: readonly RealtimeModel[] = Object.freeze(Object.values(realtimeModels));

/**
 * The realtime models, as constants; `all` lists those that are not deprecated, `fromName` finds one by its
 * wire name (deprecated names too) or gives `undefined`. A model of your own is any object of the same shape.
 */
export const RealtimeModels = Object.freeze({
  ...realtimeModels,
  LUCY_2_1_VTON_2,
  all: allRealtime,
  fromName: (name: string): RealtimeModel | undefined =>
    [...allRealtime, LUCY_2_1_VTON_2].find((model) => model.name === name),
});

const videoModels = {
  LUCY_CLIP: video('lucy-clip', 1280, 704, 25),
  LUCY_2_1: video('lucy-2.1', 1088, 624, 20),
  LUCY_2_5: video('lucy-2.5', 1280, 720, 20),
  LUCY_VTON_2: video('lucy-vton-2', 1088, 624, 20),
  LUCY_VTON_3: video('lucy-vton-3', 1088, 624, 20),
  LUCY_VTON_3_5: video('lucy-vton-3.5', 1280, 720, 20),
  LUCY_RESTYLE_2: video('lucy-restyle-2', 1280, 704, 22),
  LUCY_LATEST: video('lucy-latest', 1088, 624, 20),
  LUCY_VTON_LATEST: video('lucy-vton-latest', 1280, 720, 20),
  LUCY_RESTYLE_LATEST: video('lucy-restyle-latest', 1280, 704, 22),
  LUCY_CLIP_LATEST: video('lucy-clip-latest', 1280, 704, 25),
} as const;

const renamedVideoModels: Readonly<Record<string, VideoModel>> = {
  'lucy-pro-v2v': videoModels.LUCY_CLIP,
  'lucy-restyle-v2v': videoModels.LUCY_RESTYLE_2,
  'lucy-2.1-vton-2': videoModels.LUCY_VTON_2,
};

const allVideo: readonly VideoModel[] = Object.freeze(Object.values(videoModels));

/** The models of the queue API; `fromName` answers a deprecated name with the model that took its place. */
export const VideoModels = Object.freeze({
  ...videoModels,
  all: allVideo,
  fromName: (name: string): VideoModel | undefined =>
    allVideo.find((model) => model.name === name) ??
    (Object.hasOwn(renamedVideoModels, name) ? renamedVideoModels[name] : undefined),
});

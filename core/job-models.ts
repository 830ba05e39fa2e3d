import { findIn } from './models.js';

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

const video = <N extends string>(
  name: N,
  width: number,
  height: number,
  fps: number,
): VideoModel & { readonly name: N } => Object.freeze({ name, path: `/v1/jobs/${name}`, fps, width, height });

const image = <N extends string>(name: N): ImageModel & { readonly name: N } =>
  Object.freeze({ name, path: `/v1/generate/${name}`, jobPath: `/v1/jobs/${name}`, width: 1280, height: 704 });

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

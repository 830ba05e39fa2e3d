// decart-rx/angular: a client, sessions, cameras and viewers as signals, and the directive that shows them.
export type {
  BrowserLocalStream,
  BrowserRemoteStream,
  DecartClient,
} from '../browser/index.js';
export { type DecartCamera, type DecartCameraOptions, injectDecartCamera } from './camera.js';
export {
  type DecartFeature,
  injectDecart,
  provideDecart,
  withClient,
  withErrorHandler,
  withFrameWorker,
} from './provide.js';
export { type DecartConnect, type DecartSession, type DecartSessionOptions, injectDecartSession } from './session.js';
export { injectDecartStats } from './stats.js';
export { type AttachableStream, DecartStream, type DecartStreamSource, type StreamHolder } from './stream-directive.js';
export type { ClientFactory, DecartConfig } from './tokens.js';
export { type DecartViewer, injectDecartViewer } from './viewer.js';
export type { InjectorOption } from './wanted.js';

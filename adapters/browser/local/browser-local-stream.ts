import type { Observable } from 'rxjs';
import type { DecartError } from '../../../core/errors.js';
import type { AttachOptions, PublishableStream } from '../../../transports/livekit/browser/index.js';
import type { VideoProcessor } from '../frames/video-processor.js';

/** Which camera a local stream goes on with. One of the two is enough. */
export interface CameraSwitch {
  /** Which way the camera faces. @default as it was */
  readonly facing?: 'front' | 'back' | undefined;
  /** One certain camera, from `navigator.mediaDevices.enumerateDevices()`. */
  readonly deviceId?: string | undefined;
}

/** Video, and audio, of a browser that go into a session. The tracks are the present ones. */
export interface BrowserLocalStream extends PublishableStream {
  /** State-like: the video track after mirroring, replayed; `null` when the camera was unplugged. Completes when disposed of. */
  readonly videoTrack$: Observable<MediaStreamTrack | null>;
  /** Event-like: errors of the devices, e.g. MEDIA_DEVICE_ERROR with reason `unplugged`. */
  readonly errors$: Observable<DecartError>;
  /** State-like: the stream as it is now, a new object whenever its video track has changed. Completes when disposed of. */
  readonly changes$: Observable<BrowserLocalStream>;
  /** A preview, muted. It survives reconnects and camera switches. Returns what detaches it, which empties the element. */
  attach(video: HTMLVideoElement, options?: AttachOptions): () => void;
  /**
   * Goes on with another camera, also in a running session and after the camera was unplugged. Rejects with
   * MEDIA_DEVICE_ERROR (the old camera goes on, if it can), or INVALID_INPUT when the video is no camera's.
   */
  switchCamera(choice: CameraSwitch): Promise<void>;
  /** Rejects with INVALID_INPUT when the tracks are the caller's own. */
  setMirror(mirror: 'off' | 'on' | 'auto'): Promise<void>;
  /** Puts processors of your own behind the mirror, in this order; `[]` takes them out. They are destroyed with the stream. */
  setProcessors(processors: readonly VideoProcessor[]): Promise<void>;
}

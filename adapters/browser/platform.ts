import { Subject } from 'rxjs';
import { type DecartError, invalid } from '../../core/errors.js';
import type { MediaTransport } from '../../core/ports/media.js';
import type { Platform } from '../../core/ports/platform.js';
import type { SignalingTransport } from '../../core/ports/signaling.js';
import {
  type BrowserRemoteStream,
  createLiveKitBrowserTransport,
  isMediaStream,
  type PublishableStream,
} from '../../transports/livekit/browser/index.js';
import { mediaLater } from '../../transports/media/browser/lazy-media.js';
import { afterFrame } from '../../transports/media/browser/played.js';
import { loaded, loadOnce } from '../../transports/media/load.js';
import { createWebSocketTransport } from '../../transports/signaling/websocket.js';
import { adoptMediaStream } from './local/adopted-stream.js';
import type { BrowserLocalStream } from './local/browser-local-stream.js';
import { createFollower } from './local/follow.js';
import { online$ } from './online.js';
import { pageVisible$ } from './page-life.js';
import { isDesktopSafari } from './safari.js';

/** Parts of the browser's platform to replace. Everything has a default. */
export interface BrowserPlatformOptions {
  /**
   * Starts the worker that mirrors and stamps frames, from the package's file `frame-worker.js`. Without it frames are
   * worked on in the page.
   * @default the worker that the bundler finds by itself, where it knows workers (Vite and webpack do)
   */
  readonly createWorker?: (() => Worker) | undefined;
  /**
   * Starts the worker of `livekit-client`, which times frames for `debugQuality: 'metadata'`. Called by such sessions
   * only, and needed by them.
   *
   * @example
   * ```ts
   * const createMetadataWorker = () =>
   *   new Worker(new URL('livekit-client/frame-metadata-worker', import.meta.url), { type: 'module' });
   * ```
   */
  readonly createMetadataWorker?: (() => Worker) | undefined;
  /** Opens sockets. @default over the browser's WebSocket */
  readonly signaling?: SignalingTransport | undefined;
  /** Joins rooms. @default over `livekit-client` */
  readonly media?: MediaTransport<PublishableStream, BrowserRemoteStream> | undefined;
}

/** What a client needs of a browser. Nothing is touched, loaded or opened before it is needed. */
export function createBrowserPlatform(
  options: BrowserPlatformOptions = {},
): Platform<BrowserLocalStream, BrowserRemoteStream> {
  const errorSubject = new Subject<DecartError>();
  const onPlaybackRefused = (error: DecartError): void => errorSubject.next(error);
  const { signaling = createWebSocketTransport(), createWorker, createMetadataWorker } = options;
  const { follow, add } = createFollower();
  const { media = createLiveKitBrowserTransport({ onPlaybackRefused, follow, createMetadataWorker }) } = options;
  const directMedia = mediaLater(
    loadOnce(async () => {
      const { createDirectBrowserTransport } = await import('../../transports/webrtc/browser/index.js');
      return createDirectBrowserTransport({ onPlaybackRefused, follow });
    }),
  );
  return {
    http: {
      request: (request) =>
        loaded(
          () => import('../../transports/http/browser.js'),
          (module) => module.createBrowserHttpTransport().request(request),
        ),
    },
    runtime: 'browser',
    signaling,
    media,
    directMedia,
    hasCamera: true,
    createLocalStream: (request) =>
      loaded(
        () => import('./local/local-stream.js'),
        (module) => module.openLocalStream(request, createWorker),
      ),
    adoptLocalStream,
    fetchBytes: (url) =>
      loaded(
        () => import('../fetch-bytes.js'),
        (module) => module.fetchBytes(url),
      ),
    network: {
      unchecked: [],
      gather: (stunUrls) =>
        loaded(
          () => import('./gather.js'),
          (module) => module.gather(stunUrls),
        ),
    },
    get requiredCodec() {
      return typeof navigator === 'object' && isDesktopSafari(navigator) ? 'vp8' : undefined;
    },
    visible$: pageVisible$,
    online$,
    follow: add,
    betweenFrames: ({ mediaStream }) => afterFrame(mediaStream),
    errors$: errorSubject.asObservable(),
    release: async () => errorSubject.complete(),
    seed: () => Math.trunc(Math.random() * 0x7fffffff),
  };
}

function adoptLocalStream(stream: unknown): BrowserLocalStream {
  if (isMediaStream(stream)) return adoptMediaStream(stream);
  const candidate = stream as Partial<BrowserLocalStream> | null;
  if (candidate?.id !== 'stream-local' || !isMediaStream(candidate.mediaStream)) {
    throw invalid(
      'A local stream in the browser, the second argument, is a MediaStream or one of createLocalVideoStream().',
    );
  }
  if (candidate.videoTrack?.readyState === 'ended') {
    throw invalid('The local stream is disposed, or its video has ended. Pass a new one.');
  }
  return candidate as BrowserLocalStream;
}

import { defer, type Observable, Subject } from 'rxjs';
import { DecartError } from '../../core/errors.js';
import type { MediaTransport, Platform, SignalingTransport } from '../../core/ports.js';
import { createBrowserHttpTransport } from '../../transports/http/browser.js';
import {
  type BrowserRemoteStream,
  createLiveKitBrowserTransport,
  isMediaStream,
  type LiveKitBrowserTransportOptions,
  type PublishableStream,
} from '../../transports/livekit/browser.js';
import { createWebSocketTransport } from '../../transports/signaling/websocket.js';
import { fetchBytes } from '../fetch-bytes.js';
import { adoptMediaStream, type BrowserLocalStream, openLocalStream } from './local-stream.js';
import { browserNetworkProbe } from './network-probe.js';

export interface BrowserPlatformOptions {
  /**
   * Starts the worker that mirrors and stamps frames, from the package's file `frame-worker.js`. Default: found by
   * itself, where the bundler knows workers (Vite and webpack do); without it frames are worked on in the page.
   */
  readonly createWorker?: () => Worker;
  /** Default: over the browser's WebSocket. */
  readonly signaling?: SignalingTransport;
  /** Default: over `livekit-client`. */
  readonly media?: MediaTransport<PublishableStream, BrowserRemoteStream>;
  /** What the elements that a remote stream is attached to show, from that stream on. Default: that stream only. */
  readonly follow?: LiveKitBrowserTransportOptions['follow'];
}

/** What a client needs of a browser. Nothing is touched, loaded or opened before it is needed. */
export function createBrowserPlatform(
  options: BrowserPlatformOptions = {},
): Platform<BrowserLocalStream, BrowserRemoteStream> {
  const errorSubject = new Subject<DecartError>();
  const onPlaybackRefused = (error: DecartError): void => errorSubject.next(error);
  const { signaling = createWebSocketTransport(), follow, createWorker } = options;
  const { media = createLiveKitBrowserTransport({ onPlaybackRefused, ...(follow && { follow }) }) } = options;
  return {
    http: createBrowserHttpTransport(),
    runtime: 'browser',
    signaling,
    media,
    hasCamera: true,
    createLocalStream: (request): Observable<BrowserLocalStream> => defer(() => openLocalStream(request, createWorker)),
    adoptLocalStream,
    fetchBytes,
    network: browserNetworkProbe,
    errors$: errorSubject.asObservable(),
    release: async () => errorSubject.complete(),
    seed: () => Math.trunc(Math.random() * 0x7fffffff),
  };
}

function adoptLocalStream(stream: unknown): BrowserLocalStream {
  if (isMediaStream(stream)) return adoptMediaStream(stream);
  const candidate = stream as Partial<BrowserLocalStream> | null;
  if (candidate?.id === 'stream-local' && isMediaStream(candidate.mediaStream)) {
    if (candidate.videoTrack?.readyState !== 'ended') return candidate as BrowserLocalStream;
    throw new DecartError({
      code: 'INVALID_INPUT',
      message: 'The local stream was disposed of, or its video has ended.',
      permanent: true,
    });
  }
  throw new DecartError({
    code: 'INVALID_INPUT',
    message: 'A local stream in the browser is a MediaStream, or one made by createLocalVideoStream().',
    permanent: true,
  });
}

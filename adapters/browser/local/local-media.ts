import { BehaviorSubject, defer, Subject } from 'rxjs';
import { type DecartError, invalid } from '../../../core/errors.js';
import type { LocalStreamRequest } from '../../../core/ports/platform.js';
import { asyncDispose } from '../../../core/ports/streams.js';
import { openCamera, openMicrophone } from '../devices/devices.js';
import { unplugged } from '../devices/unplugged.js';
import { createFinishing, type Finishing } from '../frames/finishing.js';
import { createProcessorChain } from '../frames/processor-chain.js';
import type { VideoProcessor } from '../frames/video-processor.js';
import type { BrowserLocalStream, CameraSwitch } from './browser-local-stream.js';
import { attachPreview } from './preview.js';
import { callersInput, cameraInput, openVideoInput, type VideoInput } from './video-input.js';

// The latency marker's size, in pixels.
const markerWidth = 192;
const markerHeight = 32;

/** What a local stream is made of: an input, processors, the track that comes out, a microphone. */
export class LocalMedia {
  readonly stream: BrowserLocalStream;
  readonly #videoTrackSubject = new BehaviorSubject<MediaStreamTrack | null>(null);
  readonly #presentSubject: BehaviorSubject<BrowserLocalStream>;
  readonly #errorSubject = new Subject<DecartError>();
  readonly #mediaStream = new MediaStream();
  readonly #finishing: Finishing;
  readonly #chain = createProcessorChain();
  #request: LocalStreamRequest;
  #input: VideoInput = callersInput(null);
  #audioTrack: MediaStreamTrack | null = null;
  #ownProcessors: readonly VideoProcessor[] = [];
  #isOpen = false;
  #isDisposed = false;
  /** Changes are carried out one after the other. */
  #work: Promise<unknown> = Promise.resolve();

  constructor(request: LocalStreamRequest, createWorker: (() => Worker) | null) {
    this.#request = request;
    this.#finishing = createFinishing({ nextMarker: request.nextMarker, ...(createWorker && { createWorker }) });
    this.stream = this.#createStream();
    this.#presentSubject = new BehaviorSubject(this.stream);
  }

  /** @throws DecartError INVALID_INPUT or MEDIA_DEVICE_ERROR; nothing stays open then */
  async open(): Promise<void> {
    try {
      // One after the other, so that the user is not asked for both at once where prompts are apart.
      this.#take(await openVideoInput(this.#request));
      if (this.#request.microphone && !this.#isDisposed) this.#audioTrack = await openMicrophone();
      await this.#rebuild();
      if (!this.#isDisposed && this.#input.track?.readyState === 'ended') throw this.#unplugged();
      if (this.#audioTrack) this.#mediaStream.addTrack(this.#audioTrack);
      this.#isOpen = true;
    } catch (error) {
      await this.dispose();
      throw error;
    } finally {
      if (this.#isDisposed) this.#close();
    }
  }

  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#close();
    const { track, kind } = this.#input;
    // What is the caller's goes on, and Chromium keeps a stream as long as any track in it does.
    if (track && kind === 'callers') this.#mediaStream.removeTrack(track);
    this.#videoTrackSubject.complete();
    this.#presentSubject.complete();
    this.#errorSubject.complete();
    await this.#chain.destroy();
  }

  #close(): void {
    this.#input.track?.removeEventListener('ended', this.#onEnded);
    this.#input.close();
    this.#audioTrack?.stop();
  }

  #take(input: VideoInput): void {
    this.#input.track?.removeEventListener('ended', this.#onEnded);
    this.#input = input;
    input.track?.addEventListener('ended', this.#onEnded);
  }

  readonly #onEnded = (): void => {
    if (this.#isDisposed) return;
    this.#show(null);
    this.#errorSubject.next(this.#unplugged());
  };

  #unplugged(): DecartError {
    return unplugged(this.#input.kind === 'device' ? 'camera' : 'video track');
  }

  get #isMirrored(): boolean {
    const { mirror, facing } = this.#request;
    // A drawn picture and a clip have no facing mode.
    const facesFront = facing === 'front' && this.#input.kind !== 'drawn';
    return mirror === 'on' || (mirror === 'auto' && facesFront);
  }

  /** Puts the processors that are wanted now behind the input. */
  async #rebuild(): Promise<void> {
    const { track } = this.#input;
    // Asked again after the wait: a camera may be unplugged at any time, and what has ended cannot be processed.
    const isLive = (): boolean => !this.#isDisposed && track?.readyState === 'live';
    let output: MediaStreamTrack | null = null;
    try {
      if (track && isLive())
        output = await this.#chain.run(track, this.#finishing.processors(this.#isMirrored, this.#ownProcessors));
    } catch (error) {
      if (isLive()) throw error;
    }
    if (!this.#isDisposed) this.#show(isLive() ? output : null);
  }

  #show(track: MediaStreamTrack | null): void {
    const before = this.#videoTrackSubject.value;
    if (before === track) return;
    if (before) this.#mediaStream.removeTrack(before);
    if (track) this.#mediaStream.addTrack(track);
    this.#videoTrackSubject.next(track);
    // What is new looks new: a stream that only changed inside would not be rendered again.
    if (this.#isOpen) this.#presentSubject.next(Object.create(this.stream, { videoTrack: { value: track } }));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(() => {
      if (this.#isDisposed)
        throw invalid('The local stream is disposed. Create a new one with createLocalVideoStream().');
      return work();
    });
    // The next one's turn comes however this one ends.
    this.#work = done.catch(() => undefined);
    return done;
  }

  async #switchCamera({ facing = this.#request.facing, deviceId }: CameraSwitch): Promise<void> {
    if (this.#input.kind !== 'device')
      throw invalid('switchCamera() needs a camera: the video of this stream has another source.');
    const before = this.#input.track?.getSettings().deviceId;
    const { width, height, fps } = this.#request;
    const size = { width, height, fps };
    // Phones have one camera open at a time: the old one goes first.
    this.#take({ ...this.#input, track: this.#input.track });
    this.#input.close();
    try {
      this.#take(cameraInput(await openCamera({ ...size, facing, ...(deviceId !== undefined && { deviceId }) })));
      this.#request = { ...this.#request, facing };
    } catch (error) {
      // Back to the old one; if that is gone as well, there is no video any more.
      const again = before === undefined ? null : openCamera({ ...size, facing, deviceId: before });
      this.#take(cameraInput((await again?.catch(() => null)) ?? (this.#input.track as MediaStreamTrack)));
      await this.#rebuild();
      throw error;
    }
    if (this.#isDisposed) return this.#close();
    await this.#rebuild();
  }

  #createStream(): BrowserLocalStream {
    const media = this;
    const dispose = (): Promise<void> => media.dispose();
    const { nextMarker, width, height } = media.#request;
    const fits = width >= markerWidth && height >= markerHeight;
    const videoTrack$ = media.#videoTrackSubject.asObservable();
    const stream: BrowserLocalStream = {
      id: 'stream-local',
      mediaStream: media.#mediaStream,
      get videoTrack() {
        return media.#videoTrackSubject.value;
      },
      get audioTrack() {
        return media.#audioTrack;
      },
      get framePath() {
        return media.#finishing.framePath;
      },
      ...(nextMarker && { markers: fits ? 'stamped' : 'too-small' }),
      videoTrack$,
      changes$: defer(() => media.#presentSubject),
      errors$: media.#errorSubject.asObservable(),
      attach: (video, { onPlaybackRefused } = {}) => attachPreview(video, videoTrack$, onPlaybackRefused),
      switchCamera: (choice) => media.#inTurn(() => media.#switchCamera(choice)),
      setMirror: (mirror) =>
        media.#inTurn(async () => {
          media.#request = { ...media.#request, mirror };
          await media.#rebuild();
        }),
      setProcessors: (processors) =>
        media.#inTurn(async () => {
          const before = media.#ownProcessors;
          media.#ownProcessors = [...processors];
          try {
            await media.#rebuild();
          } catch (error) {
            // Back to those that worked.
            media.#ownProcessors = before;
            await media.#rebuild();
            throw error;
          }
        }),
      dispose,
      [asyncDispose]: dispose,
    };
    return stream;
  }
}

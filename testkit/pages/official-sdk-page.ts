// The page of the interop test: the official SDK, a camera, and a count of the frames that are rendered.
import { createDecartClient, type RealTimeClient } from '@decartai/sdk';

const silent = () => undefined;
const logger = { debug: silent, info: silent, warn: silent, error: silent };

/** One session of the official SDK, as an app would have it. */
export class OfficialSession {
  readonly states: string[] = [];
  readonly queue: number[] = [];
  readonly errors: string[] = [];
  camera = new MediaStream();
  streams = 0;
  frames = 0;
  #client: RealTimeClient | null = null;
  #waiting: (() => void)[] = [];
  readonly #video = document.createElement('video');

  get client(): RealTimeClient {
    if (!this.#client) throw new Error('Not connected.');
    return this.#client;
  }

  async connect(apiKey: string, realtimeBaseUrl: string, baseUrl: string): Promise<void> {
    this.#video.muted = true;
    document.body.append(this.#video);
    const count = (): void => {
      this.frames += 1;
      this.#wake();
      this.#video.requestVideoFrameCallback(count);
    };
    this.#video.requestVideoFrameCallback(count);
    this.camera = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 360 } });
    const { realtime } = createDecartClient({ apiKey, realtimeBaseUrl, baseUrl, logger, telemetry: false });
    const model = { name: 'lucy-2.1', urlPath: '/v1/stream', fps: 30, width: 640, height: 360 };
    const client = await realtime.connect(this.camera, {
      model,
      preferredVideoCodec: 'vp8',
      initialState: { prompt: { text: 'a rainy street', enhance: true } },
      onRemoteStream: (stream: MediaStream) => {
        this.streams += 1;
        this.#video.srcObject = stream;
        void this.#video.play();
        this.#wake();
      },
      onConnectionChange: (state: string) => {
        this.states.push(state);
        this.#wake();
      },
      onQueuePosition: ({ position }: { position: number }) => this.queue.push(position),
    });
    this.#client = client;
    client.on('error', ({ message }: { message: string }) => this.errors.push(message));
  }

  /** Resolves once so many more frames have been rendered. */
  async moreFrames(count: number): Promise<void> {
    const wanted = this.frames + count;
    await this.until(() => this.frames >= wanted);
  }

  /** Looks whenever a frame, a state or a stream has come. */
  until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (isSo()) resolve();
        else this.#waiting.push(look);
      };
      look();
    });
  }

  /** Resolves to the state that the camera's track is in. */
  async cameraState(): Promise<string> {
    return this.camera.getVideoTracks()[0]?.readyState ?? 'none';
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const look of waiting) look();
  }
}

Object.assign(globalThis, { session: new OfficialSession(), isReady: true });

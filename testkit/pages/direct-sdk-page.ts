// The page of the direct WebRTC interop test: the last official SDK of that mode, as it is.
import { createDecartClient, models } from 'decart-sdk-direct';
import { heardAbove } from './loudness.js';
import { toneFile } from './tone.js';

type Realtime = ReturnType<typeof createDecartClient>['realtime'];
type Client = Awaited<ReturnType<Realtime['connect']>>;

/** That SDK has its service's address built in; a page sends its sockets elsewhere. */
function sendSocketsTo(baseUrl: string): void {
  const Original = WebSocket;
  globalThis.WebSocket = class extends Original {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(String(url).replace(/^wss:\/\/[^/]+/, baseUrl), protocols);
    }
  };
}

/** What is seen of one stream. */
class Screen {
  frames = 0;
  readonly video = document.createElement('video');

  constructor(private readonly changed: () => void) {
    this.video.muted = true;
    document.body.append(this.video);
    const count = (): void => {
      this.frames += 1;
      this.changed();
      this.video.requestVideoFrameCallback(count);
    };
    this.video.requestVideoFrameCallback(count);
  }

  show(stream: MediaStream): void {
    this.video.srcObject = stream;
    void this.video.play().catch(() => undefined);
  }

  /** The mean colour of the present picture. */
  colour(): readonly number[] {
    const canvas = new OffscreenCanvas(32, 18);
    const context = canvas.getContext('2d');
    if (!context) throw new Error('No canvas.');
    context.drawImage(this.video, 0, 0, 32, 18);
    const { data } = context.getImageData(0, 0, 32, 18);
    return [0, 1, 2].map((channel) => data.filter((_, i) => i % 4 === channel).reduce((a, b) => a + b, 0) / 576);
  }

  /** How far apart the two mean colours are, in the channel that differs most: 0 to 255. */
  distanceTo(other: Screen): number {
    const theirs = other.colour();
    return Math.max(...this.colour().map((value, channel) => Math.abs(value - (theirs[channel] ?? Number.NaN))));
  }
}

/** A session of that SDK, as an app would have it. */
export class DirectSession {
  readonly states: string[] = [];
  readonly errors: string[] = [];
  streams = 0;
  #client: Client | null = null;
  #waiting: (() => void)[] = [];
  #remoteAudio: MediaStreamTrack | null = null;
  readonly #changed = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const look of waiting) look();
  };
  readonly camera = new Screen(this.#changed);
  readonly screen = new Screen(this.#changed);
  readonly viewer = new Screen(this.#changed);

  get client(): Client {
    if (!this.#client) throw new Error('Not connected.');
    return this.#client;
  }

  async connect(
    apiKey: string,
    baseUrl: string,
    model: Parameters<typeof models.realtime>[0],
    { camera = true, width = 640, height = 360 } = {},
  ): Promise<void> {
    sendSocketsTo(baseUrl);
    const local = camera
      ? await navigator.mediaDevices.getUserMedia({ video: { width, height, frameRate: 30 } })
      : null;
    if (local) this.camera.show(local);
    const client = await createDecartClient({ apiKey }).realtime.connect(local, {
      model: models.realtime(model),
      onRemoteStream: (stream) => {
        this.streams += 1;
        this.#remoteAudio = stream.getAudioTracks()[0] ?? this.#remoteAudio;
        this.screen.show(stream);
        this.#changed();
      },
    });
    this.#client = client;
    client.on('connectionChange', (state) => {
      this.states.push(state);
      this.#changed();
    });
    client.on('error', ({ message }) => this.errors.push(message));
  }

  async watch(apiKey: string): Promise<void> {
    const { subscribeToken } = this.client;
    if (subscribeToken === null) throw new Error('No subscribe token yet.');
    await createDecartClient({ apiKey }).realtime.subscribe({
      token: subscribeToken,
      onRemoteStream: (stream) => this.viewer.show(stream),
    });
  }

  /** The share of the face's middle column below its nose that is dark. */
  mouth(): number {
    const canvas = new OffscreenCanvas(32, 90);
    const context = canvas.getContext('2d');
    if (!context) throw new Error('No canvas.');
    context.drawImage(this.screen.video, 0, 0, 32, 90);
    const { data } = context.getImageData(16, 45, 1, 29);
    return data.filter((value, i) => i % 4 === 1 && value < 110).length / 29;
  }

  /** A sound of this length. */
  readonly tone = toneFile;

  /** Resolves once the remote sound has been heard louder than this. */
  async heardAbove(level: number): Promise<void> {
    if (!this.#remoteAudio) throw new Error('No remote audio.');
    await heardAbove(level, this.#remoteAudio);
  }

  /** Resolves once so many more frames have been rendered. */
  moreFrames(count: number, screen = this.screen): Promise<void> {
    const wanted = screen.frames + count;
    return this.until(() => screen.frames >= wanted);
  }

  /** The least distance between what two screens show, over so many more frames of the first. */
  async leastDistance(one: Screen, other: Screen, frames: number): Promise<number> {
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < frames; i += 1) {
      await this.moreFrames(1, one);
      least = Math.min(least, one.distanceTo(other));
    }
    return least;
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
}

Object.assign(globalThis, { session: new DirectSession(), isReady: true });

import type * as LivekitClient from 'livekit-client';
import type { Browser, Page } from 'playwright-core';

import { createAccessToken, type MediaServer } from '../media-server.js';

/** What the page keeps between two calls. */
interface PageState {
  LivekitClient: typeof LivekitClient;
  room: LivekitClient.Room;
  seen: string[];
  video: HTMLVideoElement;
  recent: { data: string[] };
}

export interface PublishOptions {
  codec?: 'vp8' | 'h264' | 'vp9';
  simulcast?: boolean;
  width?: number;
  height?: number;
  /** Number each frame, and write the time behind it. */
  frameMetadata?: boolean;
}

/** A frame as it is shown: what its sender wrote behind it, and the page's own clock. */
export interface FrameSeen {
  frameId: number;
  sentAtMs: number;
  shownAtMs: number;
}

/** Firefox reports a socket that is refused as an error of the page. livekit-client then tries the older signalling. */
const refusedSocket = /^Firefox can’t establish a connection/;

/** Pages that were left: opening another one takes as long as most of what is done in it. */
const idlePages = new WeakMap<Browser, Page[]>();

async function openPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ permissions: ['camera', 'microphone'] });
  // How long anything may take is the test's to say.
  context.setDefaultTimeout(0);
  return context.newPage();
}

/** livekit-client in a page of a real browser. Everything that waits, waits for an event in the page. */
export class LivekitClientPage {
  private constructor(
    private readonly browser: Browser,
    private readonly server: MediaServer,
    readonly page: Page,
    /** What the page wrote to its console as an error. */
    readonly errors: readonly string[],
  ) {}

  /** `script`: the UMD build of livekit-client. */
  static async open(browser: Browser, server: MediaServer, script: string): Promise<LivekitClientPage> {
    const page = idlePages.get(browser)?.pop() ?? (await openPage(browser));
    const errors: string[] = [];
    page.on('pageerror', ({ message }) => {
      if (!refusedSocket.test(message)) errors.push(message);
    });
    // The server's own greeting: a page on loopback may use the camera.
    await page.goto(server.url.replace(/^ws/, 'http'));
    await page.addScriptTag({ path: script });
    return new LivekitClientPage(browser, server, page, errors);
  }

  /** `metadataWorker`: the text of livekit-client's worker, which reads and writes the metadata of frames. */
  async join(room: string, identity: string, metadataWorker?: string): Promise<void> {
    const { apiKey, apiSecret, url } = this.server;
    const token = await createAccessToken({ apiKey, apiSecret, room, identity });
    await this.page.evaluate(
      async ([serverUrl, accessToken, workerText]) => {
        const state = globalThis as unknown as PageState;
        const { Room, RoomEvent, setLogLevel } = state.LivekitClient;
        setLogLevel('warn');
        const blob = new Blob([workerText ?? ''], { type: 'text/javascript' });
        state.room = new Room({
          adaptiveStream: false,
          dynacast: false,
          ...(workerText !== undefined && { frameMetadata: { worker: new Worker(URL.createObjectURL(blob)) } }),
        });
        state.seen = [];
        state.recent = { data: [] };
        for (const event of Object.values(RoomEvent)) {
          (state.room as unknown as { on(name: string, listener: () => void): void }).on(event, () =>
            state.seen.push(event),
          );
        }
        state.room.on(RoomEvent.DataReceived, (payload, participant) => {
          state.recent.data.push(`${participant?.identity}: ${new TextDecoder().decode(payload)}`);
        });
        await state.room.connect(serverUrl, accessToken);
      },
      [url, token, metadataWorker] as const,
    );
  }

  /**
   * Publishes the browser's fake camera, at its full size however busy the machine is. The layers of simulcast are so small
   * that the 300 kbit/s that a sender starts with are enough for both: the larger one waits for no better estimate.
   */
  async publishCamera(options: PublishOptions = {}): Promise<void> {
    await this.page.evaluate(async ({ codec = 'vp8', simulcast = false, width = 640, height = 360, frameMetadata }) => {
      const { room, LivekitClient: sdk } = globalThis as unknown as PageState;
      const track = await sdk.createLocalVideoTrack({ resolution: { width, height, frameRate: 30 } });
      await room.localParticipant.publishTrack(track, {
        videoCodec: codec,
        backupCodec: false,
        simulcast,
        videoSimulcastLayers: [new sdk.VideoPreset(width / 2, height / 2, 60_000, 30)],
        videoEncoding: { maxBitrate: simulcast ? 100_000 : 2_000_000, maxFramerate: 30 },
        degradationPreference: 'maintain-resolution',
        source: sdk.Track.Source.Camera,
        ...(frameMetadata && { frameMetadata: { timestamp: true, frameId: true } }),
      });
    }, options);
  }

  async publishMicrophone(): Promise<void> {
    await this.page.evaluate(async () => {
      await (globalThis as unknown as PageState).room.localParticipant.setMicrophoneEnabled(true);
    });
  }

  async muteCamera(muted: boolean): Promise<void> {
    await this.page.evaluate(async (off) => {
      const { room, LivekitClient: sdk } = globalThis as unknown as PageState;
      const track = room.localParticipant.getTrackPublication(sdk.Track.Source.Camera)?.track;
      if (off) await track?.mute();
      else await track?.unmute();
    }, muted);
  }

  /** What the camera delivers: which sizes it has is the browser's choice. */
  cameraSize(): Promise<{ width: number | undefined; height: number | undefined }> {
    return this.page.evaluate(() => {
      const { room, LivekitClient: sdk } = globalThis as unknown as PageState;
      const track = room.localParticipant.getTrackPublication(sdk.Track.Source.Camera)?.track;
      const { width, height } = track?.mediaStreamTrack.getSettings() ?? {};
      return { width, height };
    });
  }

  /** Waits until a track of `identity` is subscribed to, and plays it. */
  async play(identity: string, kind: 'audio' | 'video' = 'video'): Promise<void> {
    await this.page.waitForFunction(
      ([who, what]) => {
        const { room } = globalThis as unknown as PageState;
        const publications = [...(room.remoteParticipants.get(who)?.trackPublications.values() ?? [])];
        return publications.some(({ track }) => track?.kind === what);
      },
      [identity, kind] as const,
    );
    await this.page.evaluate(
      ([who, what]) => {
        const state = globalThis as unknown as PageState;
        const publications = [...(state.room.remoteParticipants.get(who)?.trackPublications.values() ?? [])];
        const track = publications.find((publication) => publication.track?.kind === what)?.track;
        const element = track?.attach();
        if (element instanceof HTMLVideoElement) state.video = element;
      },
      [identity, kind] as const,
    );
  }

  /** Resolves once this many more frames were shown, at this width if given, with the size of the last one. */
  async frames(count: number, width = 0): Promise<{ width: number; height: number }> {
    return this.page.evaluate(
      ([wanted, wantedWidth]) =>
        new Promise<{ width: number; height: number }>((resolve) => {
          const { video } = globalThis as unknown as PageState;
          let left = wanted;
          const next: VideoFrameRequestCallback = (_now, { width, height }) => {
            if (wantedWidth === 0 || width === wantedWidth) left -= 1;
            if (left <= 0) resolve({ width, height });
            else video.requestVideoFrameCallback(next);
          };
          video.requestVideoFrameCallback(next);
        }),
      [count, width] as const,
    );
  }

  /** The next frames that are shown of `identity`, once the metadata of each of them is there. */
  async metadata(identity: string, count: number): Promise<FrameSeen[]> {
    return this.page.evaluate(
      ([who, wanted]) =>
        new Promise<FrameSeen[]>((resolve) => {
          const { room, video } = globalThis as unknown as PageState;
          const [publication] = [...(room.remoteParticipants.get(who)?.videoTrackPublications.values() ?? [])];
          const track = publication?.track as LivekitClient.RemoteVideoTrack;
          const shown: { rtpTimestamp: number; shownAtMs: number }[] = [];
          // What a worker read from a frame comes in a message, which a busy page may get after the frame is shown.
          const next: VideoFrameRequestCallback = (_now, { rtpTimestamp = 0 }) => {
            // Not the expected time of display: of the first frame after a pause, Chromium gives one from before it.
            if (shown.length < wanted) {
              shown.push({ rtpTimestamp, shownAtMs: performance.timeOrigin + performance.now() });
            }
            const seen = shown.flatMap(({ rtpTimestamp, shownAtMs }) => {
              const metadata = track.lookupFrameMetadata({ rtpTimestamp });
              if (!metadata) return [];
              return { frameId: metadata.frameId ?? 0, sentAtMs: Number(metadata.userTimestamp) / 1_000, shownAtMs };
            });
            if (seen.length === wanted) resolve(seen);
            else video.requestVideoFrameCallback(next);
          };
          video.requestVideoFrameCallback(next);
        }),
      [identity, count] as const,
    );
  }

  /** Resolves once a room event of this name was seen `times` times since joining. */
  async event(name: LivekitClient.RoomEvent | `${LivekitClient.RoomEvent}`, times = 1): Promise<void> {
    await this.page.waitForFunction(
      ([wanted, count]) => {
        const { seen } = globalThis as unknown as PageState;
        return seen.filter((each) => each === wanted).length >= count;
      },
      [String(name), times] as const,
    );
  }

  async sendData(text: string): Promise<void> {
    await this.page.evaluate(async (message) => {
      const { room } = globalThis as unknown as PageState;
      await room.localParticipant.publishData(new TextEncoder().encode(message), { reliable: true });
    }, text);
  }

  /** The data packets received so far, once there are this many. */
  async data(count: number): Promise<string[]> {
    await this.page.waitForFunction(
      (wanted) => (globalThis as unknown as PageState).recent.data.length >= wanted,
      count,
    );
    return this.page.evaluate(() => (globalThis as unknown as PageState).recent.data);
  }

  async peersSeen(): Promise<string[]> {
    return this.page.evaluate(() => [...(globalThis as unknown as PageState).room.remoteParticipants.keys()]);
  }

  async leave(): Promise<void> {
    await this.page.evaluate(async () => {
      await (globalThis as unknown as Partial<PageState>).room?.disconnect();
    });
    await this.page.goto('about:blank');
    this.page.removeAllListeners('pageerror');
    idlePages.set(this.browser, [...(idlePages.get(this.browser) ?? []), this.page]);
  }
}

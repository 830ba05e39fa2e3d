import type { Observable } from 'rxjs';
import type { AudioInput } from '../../ports/media.js';
import type { ImageInput } from '../../ports/platform.js';
import type { LocalStream, VideoTrackInput } from '../../ports/streams.js';

/** How long a request may take, and what gives it up. */
export interface RequestOptions {
  /**
   * From the call to the ack: reading an image and waiting for its turn count. Milliseconds.
   * @default 15,000 for prompts, 30,000 for images
   */
  readonly timeoutMs?: number | undefined;
  /** Gives the request up: it rejects with ABORTED. What was sent may still take effect. */
  readonly signal?: AbortSignal | undefined;
}

/** How a prompt is sent. */
export interface PromptOptions extends RequestOptions {
  /** Let the service elaborate on the prompt. @default true */
  readonly enhance?: boolean | undefined;
}

/** How an image is sent. */
export interface ImageOptions extends PromptOptions {
  /** Rides along with the image. Left out: the prompt in force stays; `null` clears it. */
  readonly prompt?: string | null | undefined;
}

/** What `set()` changes: the prompt, the image, or both. `undefined` leaves as it is what is in force. */
export type Wish =
  | { readonly prompt: string; readonly image?: ImageInput | null | undefined }
  | { readonly prompt?: string | null | undefined; readonly image: ImageInput | null };

/**
 * What can be asked of a live session. Each request settles exactly once.
 *
 * @throws DecartError INVALID_INPUT (nothing was sent), WEBRTC_SIGNALING_ERROR (not connected), WEBRTC_SERVER_ERROR
 * (refused), WEBRTC_TIMEOUT_ERROR (no ack in time), WEBRTC_WEBSOCKET_ERROR or WEBRTC_ICE_ERROR (connection lost),
 * ABORTED
 */
export interface SessionCalls<L extends LocalStream = LocalStream> {
  /**
   * Sends at once; resolves on the ack.
   *
   * @example
   * ```ts
   * import type { RealtimeSession } from 'decart-rx';
   *
   * export const paint = (session: RealtimeSession) => session.setPrompt('as a watercolour', { enhance: false });
   * ```
   */
  setPrompt(prompt: string, options?: PromptOptions): Promise<void>;
  /**
   * The same, cold: subscribing sends, unsubscribing loses interest; emits nothing, completes on the ack.
   *
   * @example Latest wins:
   * ```ts
   * import type { RealtimeSession } from 'decart-rx';
   * import { type Observable, switchMap } from 'rxjs';
   *
   * export const follow = (session: RealtimeSession, prompt$: Observable<string>) =>
   *   prompt$.pipe(switchMap((prompt) => session.setPrompt$(prompt))).subscribe();
   * ```
   */
  setPrompt$(prompt: string, options?: PromptOptions): Observable<never>;
  /**
   * Another reference image; `null` clears it. Images are sent one at a time, in order.
   *
   * @example
   * ```ts
   * import type { RealtimeSession } from 'decart-rx';
   *
   * export const wear = (session: RealtimeSession, picture: File) =>
   *   session.setImage(picture, { prompt: 'Wear this jacket', timeoutMs: 20_000 });
   * ```
   */
  setImage(image: ImageInput | null, options?: ImageOptions): Promise<void>;
  /**
   * {@link SessionCalls.setImage}, cold: subscribing sends, unsubscribing loses interest; emits nothing, completes on
   * the ack.
   */
  setImage$(image: ImageInput | null, options?: ImageOptions): Observable<never>;
  /**
   * Prompt and image together, or either.
   *
   * @example
   * ```ts
   * import type { RealtimeSession } from 'decart-rx';
   *
   * export const wear = (session: RealtimeSession) =>
   *   session.set({ prompt: 'Wear this jacket', image: 'https://example.com/jacket.png' });
   * ```
   */
  set(wish: Wish & PromptOptions): Promise<void>;
  /** A sign of the user: the time that `limits.idleMs` counts begins again. Prompts and images are such signs, too. */
  keepAlive(): void;
  /** Publishes another video track of the platform's kind, now and after reconnects. */
  replaceVideoTrack(track: VideoTrackInput<L>): Promise<void>;
  /**
   * Plays a sound into the session, for the live avatar to speak. Resolves at its end, and when another call takes its
   * place; `signal` stops it. In a browser any file that it can decode, in Node a WAV file.
   *
   * @throws DecartError WEBRTC_SIGNALING_ERROR (not connected), INVALID_INPUT (not a live avatar, or not a known
   * sound), WEBRTC_ICE_ERROR (connection lost), ABORTED
   * @example
   * ```ts
   * import type { DecartClient } from 'decart-rx/browser';
   *
   * export async function speak(client: DecartClient, portrait: Blob, speech: Blob): Promise<void> {
   *   await client.realtime.connect({ model: 'live_avatar', transport: 'webrtc', initialImage: portrait });
   *   await client.realtime.playAudio(speech);
   * }
   * ```
   */
  playAudio(audio: AudioInput, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** Whether {@link SessionCalls.playAudio} can be called now: on a live avatar, connected without local media. */
  isPlayAudioAvailable(): boolean;
}

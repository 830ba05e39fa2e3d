import { catchError, type Observable, throwError } from 'rxjs';
import { partsAtHand } from '../core/client.js';
import { type ClientParts, composeClient, type DecartClient, type DecartClientConfig } from '../core/compose-client.js';
import { isDecartError } from '../core/errors.js';
import type { Platform } from '../core/ports/platform.js';
import type { ServerMessage } from '../core/protocol/server-messages.js';
import type { ConnectOptions } from '../core/session/client/options.js';
import {
  createMemoryLocalStream,
  createMemoryNetwork,
  type MemoryLocalStream,
  type MemoryNetwork,
  type MemoryNetworkOptions,
  type MemoryRemoteStream,
} from '../transports/memory/index.js';
import { createLedger, type Ledger } from './ledger.js';
import { type MarbleHelpers, marbles } from './marbles.js';
import { createMemoryPlatform } from './memory-platform.js';

type MemoryClient = DecartClient<MemoryLocalStream, MemoryRemoteStream>;

/** A whole client over a network in memory, in virtual time: the test is the service, the network and the user. */
export interface SessionStage extends MarbleHelpers {
  readonly network: MemoryNetwork;
  readonly ledger: Ledger;
  readonly client: MemoryClient;
  readonly realtime: MemoryClient['realtime'];
  /** What onRoomEvent, each with its time: the session, errors, what else was noted. */
  readonly log: string[];
  note(what: string): void;
  /** Notes each value, the error's code and the completion. */
  watch(name: string, source: Observable<unknown>, show?: (value: never) => string): { unsubscribe(): void };
  at(frameMs: number, job: () => void): void;
  /** Connects and notes how that goes; unsubscribing disconnects. */
  connect(more?: Partial<ConnectOptions>, localStream?: object | null): { unsubscribe(): void };
  /** The service says something on the socket with this number. */
  say(socket: number, message: ServerMessage): void;
  /** Plays the service up to the live session on the latest socket. */
  goLive(): void;
  /** What the client has sent on the socket with this number. */
  sent(socket: number): Record<string, unknown>[];
  /** The same without joins: the prompts' texts, the images' data, in short. */
  wishes(socket: number): string[];
}

export interface SessionStageOptions {
  readonly config?: Partial<DecartClientConfig>;
  readonly network?: MemoryNetworkOptions;
  /** Replaces ports of the platform; called with the marble helpers, and the ports it replaces. */
  readonly platform?: (
    helpers: MarbleHelpers,
    ledger: Ledger,
    platform: Platform<MemoryLocalStream, MemoryRemoteStream>,
  ) => Partial<Platform<MemoryLocalStream, MemoryRemoteStream>>;
  /** Parts that come later; the others are at hand. */
  readonly parts?: (helpers: MarbleHelpers) => Partial<ClientParts>;
}

/** Runs a play. Afterwards nothing may be open, or it throws. */
export function playSession(play: (stage: SessionStage) => void, options: SessionStageOptions = {}): void {
  const ledger = createLedger();
  marbles((helpers) => {
    const { scheduler } = helpers;
    const network = createMemoryNetwork({ scheduler, ...options.network });
    const wrapped = {
      signaling: ledger.signaling(network.signaling),
      media: ledger.media(network.media),
      directMedia: ledger.media(network.directMedia),
    };
    const memory = createMemoryPlatform({ network: wrapped });
    const platform = { ...memory, ...options.platform?.(helpers, ledger, memory) };
    const config = { apiKey: 'secret-key', scheduler: ledger.scheduler(scheduler), ...options.config };
    const client = composeClient(config, platform, { ...partsAtHand, ...options.parts?.(helpers) });
    const { realtime } = client;
    const log: string[] = [];
    const note = (what: string): void => void log.push(`${scheduler.now()} ${what}`);
    const watch: SessionStage['watch'] = (name, source, show = String) =>
      source.subscribe({
        next: (value) => note(`${name} ${show(value as never)}`),
        error: (error: unknown) => note(`${name} failed ${isDecartError(error) ? error.code : String(error)}`),
        complete: () => note(`${name} done`),
      });
    watch('error', realtime.errors$, ({ code }: { code: string }) => code);
    realtime.diagnostics$.subscribe((event) => event.name === 'intentRestored' && note(`intent ${event.restored}`));
    const sent: SessionStage['sent'] = (n) => network.sockets[n]?.received.map((frame) => JSON.parse(frame)) ?? [];
    play({
      ...helpers,
      network,
      ledger,
      client,
      realtime,
      log,
      note,
      watch,
      at: (frameMs, job) => scheduler.schedule(job, frameMs),
      connect: (more, localStream = createMemoryLocalStream()) =>
        watch('session', realtime.session$({ model: 'lucy-2.1', ...more }, localStream), () => 'live'),
      say: (n, message) => network.sockets[n]?.deliver(JSON.stringify(message)),
      goLive: () => {
        const n = network.sockets.length - 1;
        network.sockets[n]?.accept();
        network.sockets[n]?.deliver(JSON.stringify(roomInfo));
        network.rooms.at(-1)?.publishRemote();
        network.rooms.at(-1)?.accept();
      },
      sent,
      wishes: (n) =>
        sent(n)
          .filter(({ type }) => type !== 'livekit_join')
          .map(({ type, prompt, image_data, image_ref }) =>
            type === 'prompt'
              ? `${prompt}`
              : `[${image_data ?? image_ref ?? 'none'}]${prompt === undefined ? '' : prompt}`,
          ),
    });
  });
  ledger.expectNoLeaks();
}

/** For marbles: the stream with its error replaced by the error's code. */
export const withErrorCode = <T>(source: Observable<T>): Observable<T> =>
  source.pipe(catchError((error: unknown) => throwError(() => (isDecartError(error) ? error.code : error))));

export const roomInfo: ServerMessage = {
  type: 'livekit_room_info',
  livekit_url: 'ws://127.0.0.1:7880',
  token: 'room-token',
  room_name: 'room-1',
  session_id: 'session-1',
};

export const promptAck = (prompt: string, error: string | null = null): ServerMessage => ({
  type: 'prompt_ack',
  prompt,
  success: error === null,
  error,
});

export const imageAck = (error: string | null = null): ServerMessage => ({
  type: 'set_image_ack',
  success: error === null,
  error,
});

import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { DecartError } from '../../core/errors.js';
import type { Scenario } from '../scenario/builder.js';
import { decodeScenario } from '../scenario/parse.js';
import type { ScenarioStep } from '../scenario/step.js';

/** A LiveKit server that runs elsewhere and is used instead of the embedded one. */
export interface ExternalLiveKit {
  /** `ws://` or `wss://`, host, port. */
  readonly url: string;
  /** The server's API key; its tokens are signed in its name. */
  readonly apiKey: string;
  /** Signs the tokens. Never sent. */
  readonly apiSecret: string;
  /**
   * `true`: clients reach the server's signalling by way of the simulator, which can then cut it, and have them
   * reconnect in full. Media goes straight to the server.
   * @default false
   */
  readonly relay?: boolean | undefined;
}

/** The same with its default filled in. */
export interface LiveKitSettings extends ExternalLiveKit {
  readonly relay: boolean;
}

/** How the service behaves. Everything has a default. */
export interface SimulatorOptions {
  /**
   * TCP port of signaling and REST; 0: any free one.
   * @default 0
   */
  readonly port?: number | undefined;
  /**
   * Address to listen on, for signaling, REST and media. One that is not loopback brings a warning: it lets others in.
   * @default '127.0.0.1'
   */
  readonly host?: string | undefined;
  /**
   * The permanent key.
   * @default 'decart-sim-key'
   */
  readonly apiKey?: string | undefined;
  /**
   * `echo` sends the media back as it is; `restyle` decodes, changes and encodes each frame.
   * @default 'echo'
   */
  readonly mode?: 'echo' | 'restyle' | undefined;
  /**
   * Places in the queue that every join waits for before it gets a room.
   * @default 0
   */
  readonly queue?: number | undefined;
  /**
   * Milliseconds from one place in the queue to the next.
   * @default 1000
   */
  readonly queueIntervalMs?: number | undefined;
  /**
   * Sessions at the same time. One more is refused with close code 1013, as by the service.
   * @default no limit
   */
  readonly maxSessions?: number | undefined;
  /**
   * Seconds of generation, over all sessions, until the account has no credits left.
   * @default no limit
   */
  readonly credits?: number | undefined;
  /**
   * `true`: only the permanent key and keys issued here open a session. `false`: any key that is not blank does.
   * @default false
   */
  readonly strict?: boolean | undefined;
  /**
   * Names of models that are served besides the public ones.
   * @default []
   */
  readonly models?: readonly string[] | undefined;
  /**
   * The embedded media server, none (signaling only: the rooms cannot be joined), or a LiveKit server of your own.
   * @default 'embedded'
   */
  readonly media?: 'embedded' | 'none' | ExternalLiveKit | undefined;
  /**
   * `true`: media runs in this process, for debugging, and `close` waits for the native library. `false`: in a child
   * process.
   * @default false
   */
  readonly inProcess?: boolean | undefined;
  /**
   * A script that is played instead of the usual service.
   * @default none
   */
  readonly scenario?: Scenario | readonly ScenarioStep[] | undefined;
  /**
   * Seed of everything random in the media's network.
   * @default 1
   */
  readonly seed?: number | undefined;
  /**
   * Time of the service: queue, acks, ticks, slots, keys.
   * @default rxjs' asyncScheduler
   */
  readonly scheduler?: SchedulerLike | undefined;
  /**
   * Milliseconds from a request to its ack.
   * @default 0
   */
  readonly ackDelayMs?: number | undefined;
  /**
   * Milliseconds between billing ticks, each of which counts as a second.
   * @default 1000
   */
  readonly tickIntervalMs?: number | undefined;
  /**
   * Received messages that are kept, never more than 16 MB of them. The oldest go first.
   * @default 10000
   */
  readonly receivedLimit?: number | undefined;
  /**
   * `true`: faults and sessions are also at `/_simulator/…` over HTTP, for the permanent key.
   * @default false
   */
  readonly control?: boolean | undefined;
  /**
   * Receives warnings.
   * @default process.emitWarning
   */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** The options with every default filled in. */
export type SimulatorSettings = Required<Omit<SimulatorOptions, 'scenario' | 'maxSessions' | 'credits' | 'media'>> & {
  readonly media: 'embedded' | 'none' | LiveKitSettings;
  readonly scenario: Scenario | null;
  /** `null`: no limit. */
  readonly maxSessions: number | null;
  /** `null`: no limit. */
  readonly credits: number | null;
};

const DEFAULT_API_KEY = 'decart-sim-key';
const LONGEST_DELAY_MS = 2 ** 31 - 1;
const KNOWN: ReadonlySet<string> = new Set<keyof SimulatorOptions>([
  'port',
  'host',
  'apiKey',
  'mode',
  'queue',
  'queueIntervalMs',
  'maxSessions',
  'credits',
  'strict',
  'models',
  'media',
  'inProcess',
  'scenario',
  'seed',
  'scheduler',
  'ackDelayMs',
  'tickIntervalMs',
  'receivedLimit',
  'control',
  'onWarning',
]);

/** An error about one option. */
export const optionError = (field: string, expectation: string, cause?: unknown): DecartError =>
  new DecartError({
    code: 'INVALID_INPUT',
    message: `Simulator option ${field}: ${expectation}.`,
    permanent: true,
    data: { field },
    ...(cause !== undefined && { cause }),
  });

/** `true` for addresses that only this machine can reach. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host);

/**
 * Checks the options and fills in the defaults.
 * @throws DecartError INVALID_INPUT, `data.field` naming the option
 */
export function readOptions(options: SimulatorOptions = {}): SimulatorSettings {
  for (const name of Object.keys(options)) {
    if (!KNOWN.has(name)) throw optionError(name, 'there is no such option');
  }
  const { host = '127.0.0.1', apiKey = DEFAULT_API_KEY, mode = 'echo', media = 'embedded', models = [] } = options;
  if (typeof host !== 'string' || !/^[\w.:-]+$/.test(host))
    throw optionError('host', 'expected a host name or address');
  if (typeof apiKey !== 'string' || apiKey.trim() === '')
    throw optionError('apiKey', 'expected text that is not blank');
  if (mode !== 'echo' && mode !== 'restyle') throw optionError('mode', "expected 'echo' or 'restyle'");
  if (!Array.isArray(models) || models.some((name) => typeof name !== 'string' || name === '')) {
    throw optionError('models', 'expected a list of names');
  }
  const { onWarning = (text: string) => process.emitWarning(text) } = options;
  if (typeof onWarning !== 'function') throw optionError('onWarning', 'expected a function');
  const { scheduler = asyncScheduler } = options;
  if (typeof scheduler?.schedule !== 'function' || typeof scheduler.now !== 'function') {
    throw optionError('scheduler', 'expected an rxjs scheduler');
  }
  return {
    port: wholeNumber('port', options.port, 0, 65_535),
    host,
    apiKey,
    mode,
    queue: wholeNumber('queue', options.queue, 0, 100_000),
    queueIntervalMs: duration('queueIntervalMs', options.queueIntervalMs, 1_000),
    maxSessions: wholeNumber('maxSessions', options.maxSessions, null, 1_000_000),
    credits: wholeNumber('credits', options.credits, null, 2 ** 31 - 1),
    strict: flag('strict', options.strict),
    models: [...models],
    media: readMedia(media),
    inProcess: flag('inProcess', options.inProcess),
    scenario: options.scenario === undefined ? null : decodeScenario(options.scenario),
    seed: wholeNumber('seed', options.seed, 1, 2 ** 32 - 1),
    scheduler,
    ackDelayMs: duration('ackDelayMs', options.ackDelayMs, 0),
    tickIntervalMs: duration('tickIntervalMs', options.tickIntervalMs, 1_000, 1),
    receivedLimit: wholeNumber('receivedLimit', options.receivedLimit, 10_000, 10_000_000),
    control: flag('control', options.control),
    onWarning,
  };
}

function readMedia(media: NonNullable<SimulatorOptions['media']>): SimulatorSettings['media'] {
  if (media === 'embedded' || media === 'none') return media;
  if (typeof media !== 'object' || media === null) {
    throw optionError('media', "expected 'embedded', 'none' or { url, apiKey, apiSecret }");
  }
  const { url, apiKey, apiSecret, relay } = media;
  if (typeof url !== 'string' || !/^wss?:\/\/[^\s/?#@]+\/?$/i.test(url)) {
    throw optionError('media.url', 'expected ws://host[:port] or wss://host[:port]');
  }
  if (typeof apiKey !== 'string' || apiKey.trim() === '') throw optionError('media.apiKey', 'expected text');
  if (typeof apiSecret !== 'string' || apiSecret.trim() === '') throw optionError('media.apiSecret', 'expected text');
  return { url, apiKey, apiSecret, relay: flag('media.relay', relay) };
}

function wholeNumber<Fallback extends number | null>(
  field: string,
  value: unknown,
  fallback: Fallback,
  most: number,
): number | Fallback {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw optionError(field, `expected a whole number from 0 to ${most}`);
}

function duration(field: string, value: unknown, fallback: number, least = 0): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && value >= least && value <= LONGEST_DELAY_MS) return value;
  throw optionError(field, `expected milliseconds from ${least} to ${LONGEST_DELAY_MS}`);
}

function flag(field: string, value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  throw optionError(field, 'expected true or false');
}

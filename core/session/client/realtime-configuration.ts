import {
  checkDurationMs,
  checkFields,
  checkOneOf,
  invalidInput,
  isPositive,
  type Some,
  withDefaults,
} from '../../check.js';
import type { PublishOptions } from '../../ports/media.js';
import { defaultPublishOptions, defaultTimeouts } from '../machine/connect-plan.js';

/** Tuning of the connection and of what is published. Everything has a default; see {@link PublishOptions}. */
export interface RealtimeConfiguration {
  /** Timeouts. */
  readonly connection?:
    | {
        /** For opening the socket, and for joining the room and publishing. Milliseconds. @default 15000 */
        readonly connectionTimeoutMs?: number | undefined;
      }
    | undefined;
  /** What is left out of `video` keeps its default; see {@link PublishOptions}. */
  readonly media?: { readonly video?: Some<PublishOptions> | undefined } | undefined;
}

const PATH = 'realtimeConfiguration';
const VIDEO = `${PATH}.media.video`;

/**
 * The configuration in full.
 * @throws DecartError INVALID_INPUT for a wrong value, and for a misspelled field at any depth
 */
export function configurationOf(given: RealtimeConfiguration = {}): {
  readonly publish: PublishOptions;
  readonly connectionTimeoutMs: number;
} {
  checkFields(given, PATH, ['connection', 'media']);
  const { connection = {}, media = {} } = given;
  checkFields(connection, `${PATH}.connection`, ['connectionTimeoutMs']);
  checkFields(media, `${PATH}.media`, ['video']);
  const { connectionTimeoutMs = defaultTimeouts.connectionTimeoutMs } = connection;
  return {
    publish: publishOf(media.video),
    connectionTimeoutMs: checkDurationMs(connectionTimeoutMs, `${PATH}.connection.connectionTimeoutMs`),
  };
}

function publishOf(given: Some<PublishOptions> = {}): PublishOptions {
  checkFields(given, VIDEO, Object.keys(defaultPublishOptions));
  const publish = withDefaults(defaultPublishOptions, given);
  const codec = String(publish.preferredCodec).toLowerCase() as PublishOptions['preferredCodec'];
  checkOneOf(codec, ['vp8', 'h264', 'vp9', 'av1'], `${VIDEO}.preferredCodec`);
  checkOneOf(
    publish.degradationPreference,
    ['balanced', 'maintain-framerate', 'maintain-resolution'],
    `${VIDEO}.degradationPreference`,
  );
  if (!isPositive(publish.maxBitrate)) throw invalidInput(`${VIDEO}.maxBitrate`, 'expected bits per second');
  if (!isPositive(publish.maxFramerate)) throw invalidInput(`${VIDEO}.maxFramerate`, 'expected frames per second');
  return { ...publish, preferredCodec: codec };
}

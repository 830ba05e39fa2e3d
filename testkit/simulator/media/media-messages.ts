// The messages between the simulator and its media process.
import * as t from 'io-ts';
import { DecartError } from '../../../core/errors.js';
import { mediaFault } from '../../service/media-fault.js';

const bytes = new t.Type<Uint8Array, Uint8Array, unknown>(
  'bytes',
  (u): u is Uint8Array => u instanceof Uint8Array,
  (u, c) => (u instanceof Uint8Array ? t.success(u) : t.failure(u, c)),
  t.identity,
);

const orNull = <C extends t.Mixed>(codec: C) => t.union([codec, t.null]);

const external = t.type({ url: t.string, apiKey: t.string, apiSecret: t.string, relay: t.boolean });

const mediaSettings = t.type({
  host: t.string,
  mode: t.union([t.literal('echo'), t.literal('restyle')]),
  media: t.union([t.literal('embedded'), external]),
  seed: t.number,
});

/** What the media side has to know to start. */
export type MediaSettings = t.TypeOf<typeof mediaSettings>;

const mediaCommand = t.union([
  t.type({ type: t.literal('start'), settings: mediaSettings }),
  t.type({
    type: t.literal('room.open'),
    id: t.number,
    room: t.string,
    identity: t.string,
    pixelLatency: t.boolean,
    avatar: t.boolean,
  }),
  t.type({
    type: t.literal('token.create'),
    id: t.number,
    room: t.string,
    identity: t.string,
    canPublish: t.boolean,
    canSubscribe: t.boolean,
  }),
  t.type({
    type: t.literal('offer.answer'),
    id: t.number,
    room: t.string,
    identity: t.string,
    canPublish: t.boolean,
    sdp: t.string,
  }),
  t.type({ type: t.literal('peer.remove'), room: t.string, identity: t.string }),
  t.type({ type: t.literal('stats.read'), id: t.number }),
  t.type({
    type: t.literal('style.change'),
    room: t.string,
    style: t.partial({ prompt: orNull(t.string), image: orNull(bytes) }),
  }),
  t.type({ type: t.literal('room.close'), room: t.string }),
  t.type({ type: t.literal('fault'), fault: mediaFault }),
  t.type({ type: t.literal('close') }),
]);

/** From the simulator to its media process. */
export type MediaCommand = t.TypeOf<typeof mediaCommand>;

const mediaReport = t.union([
  t.type({ type: t.literal('ready'), url: t.string }),
  /** It could not start. */
  t.type({ type: t.literal('failed'), message: t.string, field: orNull(t.string) }),
  t.type({ type: t.literal('answered'), id: t.number, answer: t.UnknownRecord }),
  t.type({ type: t.literal('refused'), id: t.number, reason: t.string }),
  t.type({ type: t.literal('media.started'), room: t.string }),
  t.type({ type: t.literal('warning'), text: t.string }),
]);

/** From the media process to the simulator. */
export type MediaReport = t.TypeOf<typeof mediaReport>;

export const roomAccess = t.type({ url: t.string, token: t.string });

export const peerAnswer = t.type({ sdp: t.string });

export const mediaStats = t.type({
  rooms: t.number,
  participants: t.number,
  packetsIn: t.number,
  packetsOut: t.number,
  process: t.type({ pid: t.number, rssBytes: t.number, cpuMs: t.number }),
});

function decodeWith<A>(codec: t.Type<A, unknown, unknown>, what: string, message: unknown): A {
  const decoded = codec.decode(message);
  if (decoded._tag === 'Right') return decoded.right;
  // Both ends are of one build: this is a bug, or a stranger. The content may hold tokens and is not shown.
  throw new DecartError({ code: 'WEBRTC_SERVER_ERROR', message: `The simulator's media process: malformed ${what}.` });
}

/** @throws DecartError WEBRTC_SERVER_ERROR when it is no command */
export const decodeCommand = (message: unknown): MediaCommand => decodeWith(mediaCommand, 'command', message);

/** @throws DecartError WEBRTC_SERVER_ERROR when it is no report */
export const decodeReport = (message: unknown): MediaReport => decodeWith(mediaReport, 'report', message);

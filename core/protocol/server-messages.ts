// The service's messages, as they stand on the wire. Fields keep their wire names here and nowhere else.
import * as t from 'io-ts';
import { peerMessageCodecs } from './peer-messages.js';

const isFiniteNumber = (value: unknown): value is number => Number.isFinite(value);

const finite = new t.Type<number, number, unknown>(
  'finite number',
  isFiniteNumber,
  (value, context) => (isFiniteNumber(value) ? t.success(value) : t.failure(value, context)),
  t.identity,
);

const textOrNull = t.union([t.string, t.null]);

/** Acks of older servers leave `error` out. */
const ackFields = { success: t.boolean };
const ackError = t.partial({ error: textOrNull });

/**
 * One codec per message type, keyed by the `type` that selects it. Extra fields are let through and ignored.
 */
export const serverMessageCodecs = {
  livekit_room_info: t.type({
    type: t.literal('livekit_room_info'),
    livekit_url: t.string,
    token: t.string,
    room_name: t.string,
    session_id: t.string,
  }),
  /** Older servers say `queue_position` instead of `position`; the codec's caller accepts either. */
  queue_position: t.intersection([
    t.type({ type: t.literal('queue_position'), queue_size: finite }),
    t.union([t.type({ position: finite }), t.type({ queue_position: finite })]),
  ]),
  prompt_ack: t.intersection([t.type({ type: t.literal('prompt_ack'), prompt: t.string, ...ackFields }), ackError]),
  set_image_ack: t.intersection([t.type({ type: t.literal('set_image_ack'), ...ackFields }), ackError]),
  generation_started: t.type({ type: t.literal('generation_started') }),
  generation_tick: t.type({ type: t.literal('generation_tick'), seconds: finite }),
  generation_ended: t.type({ type: t.literal('generation_ended'), seconds: finite, reason: t.string }),
  error: t.type({ type: t.literal('error'), error: t.string }),
  status: t.type({ type: t.literal('status'), status: t.string }),
  // Direct WebRTC mode: the older media path over the same socket.
  session_id: t.type({
    type: t.literal('session_id'),
    session_id: t.string,
    server_ip: t.string,
    server_port: finite,
  }),
  ready: t.type({ type: t.literal('ready') }),
  ...peerMessageCodecs,
} as const;

export type ServerMessageType = keyof typeof serverMessageCodecs;

export type ServerMessageOf<T extends ServerMessageType> = t.TypeOf<(typeof serverMessageCodecs)[T]>;

/** Messages that the session has words of its own for. All others are events as they are. */
type RewordedType =
  | 'livekit_room_info'
  | 'queue_position'
  | 'prompt_ack'
  | 'set_image_ack'
  | 'generation_tick'
  | 'error'
  | 'status'
  | 'session_id'
  | 'ready'
  | 'offer'
  | 'answer'
  | 'ice-candidate';

/** A message that means to the session what it says. */
export type PlainMessage = { [T in Exclude<ServerMessageType, RewordedType>]: ServerMessageOf<T> }[Exclude<
  ServerMessageType,
  RewordedType
>];

/** The names of a plain message's fields: what else came with it is ignored. */
export const plainFields = ({ type }: PlainMessage): readonly string[] =>
  Object.keys(serverMessageCodecs[type].props).filter((field) => field !== 'type');

/** Any message the service sends, in its wire form. */
export type ServerMessage = { [T in ServerMessageType]: ServerMessageOf<T> }[ServerMessageType];

export const isServerMessageType = (type: string): type is ServerMessageType =>
  Object.hasOwn(serverMessageCodecs, type);

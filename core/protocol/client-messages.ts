// The client's messages, as they stand on the wire.
import * as t from 'io-ts';
import { peerMessageCodecs } from './peer-messages.js';

const textOrNull = t.union([t.string, t.null]);

const promptMessage = t.intersection([
  t.type({ type: t.literal('prompt'), prompt: t.string }),
  t.partial({ enhance_prompt: t.boolean }),
]);

const setImageMessage = t.intersection([
  t.type({ type: t.literal('set_image') }),
  t.union([t.type({ image_data: textOrNull }), t.type({ image_ref: t.string })]),
  t.partial({ prompt: textOrNull, enhance_prompt: t.boolean }),
]);

const initialState = t.union([t.null, promptMessage, setImageMessage]);

/** One codec per message type. Used by servers and simulators; the client itself only encodes. */
export const clientMessageCodecs = {
  livekit_join: t.intersection([
    t.type({ type: t.literal('livekit_join') }),
    t.partial({
      passthrough: t.boolean,
      initial_state: initialState,
      client_capabilities: t.partial({ frame_timing: t.boolean }),
    }),
  ]),
  prompt: promptMessage,
  set_image: setImageMessage,
  ...peerMessageCodecs,
} as const;

export type ClientMessageType = keyof typeof clientMessageCodecs;

export const isClientMessageType = (type: string): type is ClientMessageType =>
  Object.hasOwn(clientMessageCodecs, type);

/** `prompt`: asks for another style. Acknowledged by `prompt_ack` with the same text. */
export interface PromptMessage {
  /** The discriminant of the message. */
  readonly type: 'prompt';
  /** The text. Its ack names it. */
  readonly prompt: string;
  /** Let the service elaborate on the text. */
  readonly enhance_prompt: boolean;
}

/** `set_image`: another reference image, by its bytes (base64; `null` clears) or by the id of an uploaded file. */
export type SetImageMessage = {
  readonly type: 'set_image';
  readonly prompt?: string | null;
  readonly enhance_prompt?: boolean;
} & ({ readonly image_data: string | null } | { readonly image_ref: string });

/** The first message. Lean: `passthrough` alone; bundled: the initial state rides along. */
export type JoinMessage = {
  readonly type: 'livekit_join';
  /** Asks for each frame's metadata on the frame that is made of it. */
  readonly client_capabilities?: { readonly frame_timing: true };
} & ({ readonly passthrough: boolean } | { readonly initial_state: PromptMessage | SetImageMessage | null });

/** Direct WebRTC mode: what two peer connections signal to each other. A `null` candidate ends the candidates. */
export type PeerMessage =
  | { readonly type: 'offer' | 'answer'; readonly sdp: string }
  | { readonly type: 'ice-candidate'; readonly candidate: Readonly<Record<string, unknown>> | null };

/** Any message the client sends, in its wire form. */
export type ClientMessage = JoinMessage | PromptMessage | SetImageMessage | PeerMessage;

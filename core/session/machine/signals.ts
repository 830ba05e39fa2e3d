import type { PeerSignal } from '../../ports/media.js';
import type { ClientMessage } from '../../protocol/client-messages.js';
import type { ServerMessage } from '../../protocol/server-messages.js';

/** The message for what a peer connection wants the service to know. */
export const messageOfSignal = (signal: PeerSignal): ClientMessage =>
  signal.type === 'candidate'
    ? { type: 'ice-candidate', candidate: signal.candidate }
    : { type: signal.type, sdp: signal.sdp };

type SignalMessage = Extract<ServerMessage, { readonly type: 'offer' | 'answer' | 'ice-candidate' }>;

/** What the service's peer connection says in this message. */
export const signalOfMessage = (message: SignalMessage): PeerSignal =>
  message.type === 'ice-candidate'
    ? { type: 'candidate', candidate: message.candidate }
    : { type: message.type, sdp: message.sdp };

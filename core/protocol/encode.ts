import type { ClientMessage } from './client-messages.js';
import type { ServerMessage } from './server-messages.js';

/** The text frame of a client message. */
export const encodeClientMessage = (message: ClientMessage): string => JSON.stringify(message);

/** The text frame of a server message, for servers and simulators. */
export const encodeServerMessage = (message: ServerMessage): string => JSON.stringify(message);

// Somebody who watches a direct WebRTC session: one socket, one peer connection that only receives.
import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import { decodeClientMessage } from '../../../core/protocol/codec.js';
import { encodeServerMessage } from '../../../core/protocol/encode.js';
import type { ServerMessage } from '../../../core/protocol/server-messages.js';
import type { MediaService } from '../media/media-service.js';
import type { SessionHost } from './session-host.js';
import { dropSocket, toBytes } from './wire.js';

const NORMAL_CLOSE = 1000;
const INTERNAL_ERROR = 1011;

/** One viewer, as the operator sees it. */
export interface ViewerHost {
  /** Closes the socket. 1005 and 1006 cannot be sent: they cut it without a close frame. */
  drop(code: number, reason: string): void;
  /** Resolves once the socket is closed and nothing of the viewer is left. */
  readonly closed: Promise<void>;
}

/** Answers the viewer's offers; ends with the session that is watched. */
export function hostViewer(socket: WebSocket, watched: SessionHost, media: MediaService): ViewerHost {
  const identity = `viewer-${randomUUID()}`;
  const room = watched.roomName;
  const drop = (code: number, reason: string): void => dropSocket(socket, code, reason);

  const send = (message: ServerMessage): void => {
    if (socket.readyState === socket.OPEN) socket.send(encodeServerMessage(message));
  };
  const failed = (error: unknown): void => {
    send({ type: 'error', error: error instanceof Error ? error.message : String(error) });
    drop(INTERNAL_ERROR, 'no peer connection');
  };

  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      media.removePeer(room, identity);
      resolve();
    });
  });
  // 'close' follows every error; there is nothing else to do about one.
  socket.on('error', () => {});
  socket.on('message', (data, isBinary) => {
    const frame = decodeClientMessage(isBinary ? toBytes(data) : toBytes(data).toString('utf8'));
    if (frame._tag === 'malformed') return send({ type: 'error', error: `Invalid message: ${frame.reason}` });
    if (frame._tag === 'unknown') return send({ type: 'error', error: `Unknown message type: ${frame.type}` });
    // Candidates are not needed; a viewer has nothing else to ask for.
    if (frame.message.type !== 'offer') return;
    const { sdp } = frame.message;
    media
      .answerOffer({ room, identity, canPublish: false, sdp })
      .then((answer) => send({ type: 'answer', sdp: answer.sdp }), failed);
  });
  void watched.closed.then(() => drop(NORMAL_CLOSE, 'the session ended'));
  return { drop, closed };
}

// A viewer of a direct WebRTC session: a socket for the signals, and a peer connection that only receives.
import { Observable, switchMap, take } from 'rxjs';
import { invalidInput } from '../check.js';
import { DecartError, type Failure } from '../errors.js';
import type { DirectRequest, IceServer, MediaRoom, MediaTransport, RoomEvent } from '../ports/media.js';
import type { SignalingTransport, SocketEvent } from '../ports/signaling.js';
import type { LocalStream, RemoteStream } from '../ports/streams.js';
import { decodeServerMessage } from '../protocol/codec.js';
import { encodeClientMessage } from '../protocol/encode.js';
import type { DirectSession } from '../protocol/subscribe-token.js';
import { buildSubscribeUrl } from '../protocol/url.js';
import { type ApiKeySource, apiKey$ } from '../rest/api-key.js';
import { failureOfClose, failureOfServerText } from '../session/machine/retry-policy.js';
import { messageOfSignal, signalOfMessage } from '../session/machine/signals.js';
import { nothingToSend, type StayDeps } from './stay.js';

/** What is needed to watch direct WebRTC sessions. */
export interface DirectViewing<R extends RemoteStream> {
  /** Opens the sockets. */
  readonly signaling: SignalingTransport;
  /** Makes the peer connections. Absent: there are none here. */
  readonly media?: MediaTransport<LocalStream, R, DirectRequest> | undefined;
  /** Of the sockets, already checked. */
  readonly baseUrl: string;
}

export interface DirectStayDeps<R extends RemoteStream> extends StayDeps {
  readonly apiKey: ApiKeySource;
  readonly direct: DirectViewing<R> | undefined;
  readonly iceServers: readonly IceServer[];
}

const NORMAL_CLOSE = 1000;

/** Asks for the key, opens the socket, and offers to receive. Unsubscribing closes both. */
export function directStay$<R extends RemoteStream>(
  watched: DirectSession,
  { direct, apiKey, iceServers, secrets, opened }: DirectStayDeps<R>,
): Observable<RoomEvent<R>> {
  const media = direct?.media;
  if (direct === undefined || media === undefined)
    throw invalidInput('token', 'it is of a direct WebRTC session, and this platform has no directMedia to watch it');

  const stay$ = (url: string): Observable<RoomEvent<R>> =>
    new Observable((subscriber) => {
      const socket = direct.signaling.open({ url });
      let room: MediaRoom<R> | null = null;
      const fail = (failure: Failure): void => subscriber.error(new DecartError(secrets.clean(failure)));

      function join(transport: MediaTransport<LocalStream, R, DirectRequest>): void {
        room = transport.join({ ...nothingToSend, iceServers, playsAudio: false });
        const closed = opened();
        room.events$.subscribe({
          next: (event) => {
            if (event.type === 'signal') socket.send(encodeClientMessage(messageOfSignal(event.signal)));
            else subscriber.next(event);
          },
          complete: () => {
            closed();
            subscriber.complete();
          },
        });
        // It may have ended while it was joined.
        if (subscriber.closed) room.close();
      }

      function take(frame: string | Uint8Array): void {
        const decoded = decodeServerMessage(frame);
        if (decoded._tag !== 'message') return;
        const { message } = decoded;
        if (message.type === 'error') fail(failureOfServerText(message.error, 'WEBRTC_SERVER_ERROR'));
        else if (message.type === 'offer' || message.type === 'answer' || message.type === 'ice-candidate')
          room?.receive?.(signalOfMessage(message));
      }

      const closed = opened();
      socket.events$.subscribe({
        next: (event) => {
          if (event.type === 'opened' && !subscriber.closed) join(media);
          else if (event.type === 'message') take(event.data);
          else if (event.type === 'closed') fail(failureOf(event));
        },
        complete: closed,
      });
      return () => {
        room?.close();
        socket.close(NORMAL_CLOSE, '');
      };
    });

  return apiKey$(apiKey, secrets).pipe(
    take(1),
    switchMap((key) => stay$(buildSubscribeUrl({ baseUrl: direct.baseUrl, watched, apiKey: key }))),
  );
}

/** A service that closes in peace has nothing more to show. */
function failureOf(closed: Extract<SocketEvent, { type: 'closed' }>): Failure {
  if (closed.code !== NORMAL_CLOSE || closed.httpStatus !== undefined) return failureOfClose(closed, true);
  return { code: 'WEBRTC_SERVER_ERROR', message: 'The session that was watched has ended.', permanent: true };
}

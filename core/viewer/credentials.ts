import * as t from 'io-ts';
import { defer, filter, map, type Observable } from 'rxjs';
import { invalid } from '../errors.js';
import { decodeSubscribeToken } from '../protocol/subscribe-token.js';
import { decodeAnswer, type RestCall, type RestDeps, restCall$ } from '../rest/call.js';

/** What opens a room to a viewer. Secret. */
export interface ViewerCredentials {
  readonly url: string;
  readonly token: string;
  readonly roomName: string;
}

const credentialsAnswer = t.type({ livekit_url: t.string, token: t.string, room_name: t.string });

/**
 * Requests a viewer's credentials for the room of a subscribe token, for each subscription.
 * Errors: INVALID_INPUT (a bad token; nothing was sent), INVALID_API_KEY, WEBRTC_SERVER_ERROR.
 */
export const viewerCredentials$ = (
  deps: RestDeps,
  subscribeToken: string,
  timeoutMs: number,
): Observable<ViewerCredentials> =>
  defer(() => {
    const { roomName } = decodeSubscribeToken(subscribeToken);
    if (roomName === undefined)
      throw invalid('This token is of a direct WebRTC session: it has no room to watch.', { field: 'token' });
    const call: RestCall = {
      failure: 'The room cannot be watched',
      code: 'WEBRTC_SERVER_ERROR',
      method: 'POST',
      path: `/watch-stream/${encodeURIComponent(roomName)}`,
      timeoutMs,
    };
    return restCall$(deps, call).pipe(
      filter((event) => event.type === 'response'),
      map((response) => {
        const { livekit_url: url, token, room_name } = decodeAnswer(credentialsAnswer, response, call);
        return { url, token, roomName: room_name };
      }),
    );
  });

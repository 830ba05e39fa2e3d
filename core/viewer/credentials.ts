import * as t from 'io-ts';
import { defer, filter, map, type Observable } from 'rxjs';
import { decodeAnswer, type RestCall, type RestDeps, restCall$ } from '../rest/call.js';

/** What opens a room to a viewer. Secret. */
export interface ViewerCredentials {
  readonly url: string;
  readonly token: string;
  readonly roomName: string;
}

const credentialsAnswer = t.type({ livekit_url: t.string, token: t.string, room_name: t.string });

/**
 * Requests a viewer's credentials for a room, for each subscription. Errors: INVALID_API_KEY, WEBRTC_SERVER_ERROR.
 */
export const viewerCredentials$ = (
  deps: RestDeps,
  roomName: string,
  timeoutMs: number,
): Observable<ViewerCredentials> =>
  defer(() => {
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

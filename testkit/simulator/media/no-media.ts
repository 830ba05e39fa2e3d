import { NEVER } from 'rxjs';
import type { MediaService } from './media-service.js';

/** TCP port 1 has had no server for decades: the address is valid and has no server. Errors of clients quote it. */
const NOWHERE = 'ws://127.0.0.1:1/simulator-started-with-media-none';

/** A description of a session with nothing in it. */
const NO_SECTIONS = 'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n';

/** For signaling alone: rooms exist in name only, and cannot be joined. */
export function createNoMedia(): MediaService {
  const access = () => Promise.resolve({ url: NOWHERE, token: 'no-media' });
  const ignore = () => {};
  return {
    url: NOWHERE,
    events$: NEVER,
    openRoom: access,
    createToken: access,
    answerOffer: () => Promise.resolve({ sdp: NO_SECTIONS }),
    removePeer: ignore,
    changeStyle: ignore,
    closeRoom: ignore,
    fault: ignore,
    stats: () => Promise.resolve({ rooms: 0, participants: 0, packetsIn: 0, packetsOut: 0, process: null }),
    close: () => Promise.resolve(),
  };
}

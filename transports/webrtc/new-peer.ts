import { DecartError } from '../../core/errors.js';

/** @throws DecartError INVALID_INPUT for ICE servers that the platform refuses: each has ports that it blocks, and more. */
export function newPeer(create: () => RTCPeerConnection): RTCPeerConnection {
  try {
    return create();
  } catch (cause) {
    // Whatever else it may be, such as too many peer connections in one page, another try may help.
    if (!/^(SyntaxError|InvalidAccessError)|ICE server/.test(String(cause))) throw cause;
    throw new DecartError({
      code: 'INVALID_INPUT',
      permanent: true,
      message:
        'connect() and subscribe(): RTCPeerConnection refused `iceServers`. Check the URLs, their ports (some browsers ' +
        "block some), and `username` and `credential` of TURN servers. The error's `cause` says what it refused.",
      data: { field: 'iceServers' },
      cause,
    });
  }
}

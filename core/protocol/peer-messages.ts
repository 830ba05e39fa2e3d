// Direct WebRTC mode: what either side says of its peer connection.
import * as t from 'io-ts';

export const peerMessageCodecs = {
  offer: t.type({ type: t.literal('offer'), sdp: t.string }),
  answer: t.type({ type: t.literal('answer'), sdp: t.string }),
  'ice-candidate': t.type({ type: t.literal('ice-candidate'), candidate: t.union([t.UnknownRecord, t.null]) }),
} as const;

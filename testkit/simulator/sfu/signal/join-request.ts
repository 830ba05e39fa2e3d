import { gunzipSync } from 'node:zlib';

import { ClientInfo_SDK, JoinRequest, WrappedJoinRequest, WrappedJoinRequest_Compression } from '@livekit/protocol';

/** `v1`: one peer connection, the client always offers. `v0`: one each way, the server offers its own. */
export type SignalVersion = 'v0' | 'v1';

/** How a client introduces itself when it opens the signalling socket. */
export interface ClientIntroduction {
  readonly version: SignalVersion;
  readonly token: string;
  /** Wants to go on with the session of `participantSid`. */
  readonly reconnect: boolean;
  readonly participantSid: string;
  readonly autoSubscribe: boolean;
  readonly isJavaScript: boolean;
  readonly offer: { type: string; sdp: string; id: number } | undefined;
}

const maxJoinRequestBytes = 1 << 20;

/** Reads the signalling URL; `undefined` when it is none or its join request is broken. Never throws. */
export function readIntroduction(url: URL, authorization: string | undefined): ClientIntroduction | undefined {
  const token = url.searchParams.get('access_token') ?? authorization?.replace(/^Bearer\s+/i, '') ?? '';
  if (url.pathname === '/rtc') return readQuery(url.searchParams, token);
  if (url.pathname === '/rtc/v1') return readJoinRequest(url.searchParams.get('join_request'), token);
  return undefined;
}

function readQuery(query: URLSearchParams, token: string): ClientIntroduction {
  return {
    version: 'v0',
    token,
    reconnect: ['1', 'true'].includes(query.get('reconnect') ?? ''),
    participantSid: query.get('sid') ?? '',
    autoSubscribe: query.get('auto_subscribe') !== '0',
    isJavaScript: query.get('sdk') === 'js',
    offer: undefined,
  };
}

function readJoinRequest(encoded: string | null, token: string): ClientIntroduction | undefined {
  if (encoded === null) return undefined;
  try {
    const wrapped = WrappedJoinRequest.fromBinary(Buffer.from(encoded, 'base64url'));
    const bytes =
      wrapped.compression === WrappedJoinRequest_Compression.GZIP
        ? gunzipSync(wrapped.joinRequest, { maxOutputLength: maxJoinRequestBytes })
        : wrapped.joinRequest;
    const join = JoinRequest.fromBinary(bytes);
    return {
      version: 'v1',
      token,
      reconnect: join.reconnect,
      participantSid: join.participantSid,
      autoSubscribe: join.connectionSettings?.autoSubscribe ?? true,
      isJavaScript: join.clientInfo?.sdk === ClientInfo_SDK.JS,
      offer: join.publisherOffer && {
        type: join.publisherOffer.type,
        sdp: join.publisherOffer.sdp,
        id: join.publisherOffer.id,
      },
    };
  } catch {
    return undefined;
  }
}

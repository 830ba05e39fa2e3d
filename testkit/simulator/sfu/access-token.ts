import { errors, jwtVerify, SignJWT } from 'jose';

export interface AccessTokenOptions {
  apiKey: string;
  apiSecret: string;
  room: string;
  identity: string;
  name?: string;
  /** Default true. */
  canPublish?: boolean;
  /** Default true. */
  canSubscribe?: boolean;
  /** @default as `canPublish` */
  canPublishData?: boolean;
  /** Name, metadata and attributes. Default false. */
  canUpdateOwnMetadata?: boolean;
  /** Not shown to the other participants. Default false. */
  hidden?: boolean;
  /** Default 3600. */
  ttlSeconds?: number;
}

/** What a token allows its bearer. */
export interface AccessGrant {
  readonly room: string;
  readonly identity: string;
  readonly name: string;
  readonly metadata: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly canPublish: boolean;
  readonly canSubscribe: boolean;
  readonly canPublishData: boolean;
  readonly canUpdateOwnMetadata: boolean;
  readonly hidden: boolean;
}

/** A LiveKit access token: a JWT signed with HS256 that carries a video grant. */
export function createAccessToken(options: AccessTokenOptions): Promise<string> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  return new SignJWT({
    name: options.name ?? options.identity,
    video: {
      room: options.room,
      roomJoin: true,
      canPublish: options.canPublish ?? true,
      canSubscribe: options.canSubscribe ?? true,
      canPublishData: options.canPublishData ?? options.canPublish ?? true,
      canUpdateOwnMetadata: options.canUpdateOwnMetadata ?? false,
      hidden: options.hidden ?? false,
    },
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(options.apiKey)
    .setSubject(options.identity)
    .setNotBefore(nowSeconds - 5)
    .setExpirationTime(nowSeconds + (options.ttlSeconds ?? 3600))
    .sign(new TextEncoder().encode(options.apiSecret));
}

export type TokenVerdict =
  | { readonly ok: true; readonly grant: AccessGrant }
  | { readonly ok: false; readonly reason: string };

/** Checks signature, issuer, lifetime and grant. The reason never contains any of the token. */
export async function verifyAccessToken(token: string, apiKey: string, apiSecret: string): Promise<TokenVerdict> {
  let payload: Record<string, unknown>;
  try {
    ({ payload } = await jwtVerify(token, new TextEncoder().encode(apiSecret), {
      issuer: apiKey,
      algorithms: ['HS256'],
      clockTolerance: 5,
    }));
  } catch (error) {
    if (error instanceof errors.JWTExpired) return { ok: false, reason: 'token is expired' };
    return { ok: false, reason: 'invalid token' };
  }
  const video = isRecord(payload.video) ? payload.video : {};
  const { sub } = payload;
  if (typeof sub !== 'string' || sub === '') return { ok: false, reason: 'token has no identity' };
  if (video.roomJoin !== true || typeof video.room !== 'string' || video.room === '') {
    return { ok: false, reason: 'permission denied: token does not allow joining a room' };
  }
  const attributes = isRecord(payload.attributes) ? payload.attributes : {};
  return {
    ok: true,
    grant: {
      room: video.room,
      identity: sub,
      name: typeof payload.name === 'string' ? payload.name : '',
      metadata: typeof payload.metadata === 'string' ? payload.metadata : '',
      attributes: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, String(value)])),
      canPublish: video.canPublish !== false,
      canSubscribe: video.canSubscribe !== false,
      canPublishData: (video.canPublishData ?? video.canPublish) !== false,
      canUpdateOwnMetadata: video.canUpdateOwnMetadata === true,
      hidden: video.hidden === true,
    },
  };
}

/** The room that a token of this server lets its bearer administer; `null`: none. */
export async function administeredRoom(token: string, apiKey: string, apiSecret: string): Promise<string | null> {
  const video = await grantOf(token, apiKey, apiSecret);
  return video.roomAdmin === true && typeof video.room === 'string' ? video.room : null;
}

/** Whether a token of this server lets its bearer create and delete rooms: LiveKit has one grant for both. */
export async function mayDeleteRooms(token: string, apiKey: string, apiSecret: string): Promise<boolean> {
  return (await grantOf(token, apiKey, apiSecret)).roomCreate === true;
}

async function grantOf(token: string, apiKey: string, apiSecret: string): Promise<Record<string, unknown>> {
  try {
    const { payload } = await jwtVerify(token, new TextEncoder().encode(apiSecret), {
      issuer: apiKey,
      algorithms: ['HS256'],
    });
    return isRecord(payload.video) ? payload.video : {};
  } catch {
    // A token with any fault allows nothing.
    return {};
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

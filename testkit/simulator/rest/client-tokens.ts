import { randomBytes, randomUUID } from 'node:crypto';
import type { SchedulerLike } from 'rxjs';
import type { KeyRing } from '../key-ring.js';
import { Refusal } from './answer.js';
import type { TokenSigner } from './signed-token.js';

const DEFAULT_EXPIRES_IN = 60;
const ORIGIN = /^https?:\/\/[^\s/?#]+$/i;

/** Makes a client token as ordered, puts both of its forms on the ring, and gives the wire's answer. */
export function issueClientToken(
  order: Readonly<Record<string, unknown>>,
  keys: KeyRing,
  signer: TokenSigner,
  scheduler: SchedulerLike,
): Readonly<Record<string, unknown>> {
  const { metadata = null, constraints = null } = order;
  const expiresIn = order.expiresIn ?? DEFAULT_EXPIRES_IN;
  if (typeof expiresIn !== 'number' || !Number.isInteger(expiresIn) || expiresIn < 1 || expiresIn > 3600) {
    throw new Refusal(422, 'expiresIn: expected 1 to 3600 seconds');
  }
  const allowedModels = readList(order.allowedModels, 'allowedModels', (name) => name !== '');
  const allowedOrigins = readList(order.allowedOrigins, 'allowedOrigins', (origin) => ORIGIN.test(origin));
  if (typeof metadata !== 'object') {
    throw new Refusal(422, 'metadata: expected an object');
  }
  const maxSessionSeconds = readMaxSession(constraints);
  const apiKey = `ek_${randomBytes(18).toString('base64url')}`;
  const issuedAtMs = scheduler.now();
  const expiresAtMs = issuedAtMs + expiresIn * 1000;
  const token = signer.sign({
    sub: 'simulated-user',
    organizationId: 'simulated-organization',
    jti: randomUUID(),
    iat: Math.floor(issuedAtMs / 1000),
    exp: Math.floor(expiresAtMs / 1000),
    ...(allowedModels.length > 0 && { models: allowedModels }),
    ...(allowedOrigins.length > 0 && { origins: allowedOrigins }),
    ...(constraints !== null && { constraints }),
    ...(metadata !== null && { metadata }),
  });
  for (const key of [apiKey, token]) {
    keys.issue(key, { expiresAtMs, allowedModels, allowedOrigins, maxSessionSeconds });
  }
  return {
    apiKey,
    token,
    expiresAt: new Date(expiresAtMs).toISOString(),
    permissions: { models: allowedModels, origins: allowedOrigins },
    constraints,
  };
}

function readList(value: unknown, field: string, isFit: (entry: string) => boolean): readonly string[] {
  if (value === undefined || value === null) return [];
  const fits = (entry: unknown): entry is string => typeof entry === 'string' && isFit(entry);
  if (!Array.isArray(value) || value.length > 20 || !value.every(fits)) {
    throw new Refusal(422, `${field}: expected at most 20 sound entries`);
  }
  return value;
}

function readMaxSession(constraints: unknown): number | null {
  const realtime = (constraints as { realtime?: { maxSessionDuration?: unknown } } | null | undefined)?.realtime;
  const seconds = realtime?.maxSessionDuration;
  if (seconds === undefined || seconds === null) return null;
  if (typeof seconds === 'number' && Number.isInteger(seconds) && seconds > 0) return seconds;
  throw new Refusal(422, 'constraints.realtime.maxSessionDuration: expected whole seconds, at least 1');
}

import { createHash } from 'node:crypto';
import type { SchedulerLike } from 'rxjs';

/** What an ephemeral key allows. Empty lists allow everything. */
export interface KeyGrant {
  readonly expiresAtMs: number;
  readonly allowedModels: readonly string[];
  readonly allowedOrigins: readonly string[];
  /** Longest session, in seconds; `null`: no limit. */
  readonly maxSessionSeconds: number | null;
}

export interface KeyUse {
  readonly key: string;
  readonly model: string | null;
  /** The `Origin` header, which browsers send. */
  readonly origin: string | null;
}

export type KeyVerdict =
  | { readonly accepted: true; readonly maxSessionSeconds: number | null }
  | { readonly accepted: false; readonly status: 401 | 403; readonly reason: string };

/** The keys that open sessions. */
export interface KeyRing {
  /** `true` for the permanent key alone. */
  isPermanent(key: string): boolean;
  /** `true` for client tokens, also after they have expired. */
  isIssued(key: string): boolean;
  check(use: KeyUse): KeyVerdict;
  issue(key: string, grant: KeyGrant): void;
  /** Every ephemeral key issued so far expires now. */
  expireAll(): void;
}

const refused = (status: 401 | 403, reason: string): KeyVerdict => ({ accepted: false, status, reason });

/** A signed token holds the app's metadata, up to a megabyte: it is not kept itself. */
const fingerprint = (key: string): string => createHash('sha256').update(key).digest('base64url');

/** @param strict `false`: keys that were not issued here are accepted too, as long as they are not blank. */
export function createKeyRing(permanentKey: string, strict: boolean, scheduler: SchedulerLike): KeyRing {
  /** By the keys' fingerprints. */
  const grants = new Map<string, KeyGrant>();
  return {
    isPermanent: (key) => key === permanentKey,
    isIssued: (key) => grants.has(fingerprint(key)) || key.startsWith('ek_'),
    check: ({ key, model, origin }) => {
      if (key.trim() === '') return refused(401, 'Invalid API key');
      if (key === permanentKey) return { accepted: true, maxSessionSeconds: null };
      const grant = grants.get(fingerprint(key));
      if (grant === undefined) {
        return strict ? refused(401, 'Invalid API key') : { accepted: true, maxSessionSeconds: null };
      }
      if (grant.expiresAtMs <= scheduler.now()) return refused(401, 'Invalid API key: it has expired');
      if (model !== null && grant.allowedModels.length > 0 && !grant.allowedModels.includes(model)) {
        return refused(403, 'Permission denied: this key does not allow the model');
      }
      if (grant.allowedOrigins.length > 0 && (origin === null || !grant.allowedOrigins.includes(origin))) {
        return refused(403, 'Permission denied: this key does not allow the origin');
      }
      return { accepted: true, maxSessionSeconds: grant.maxSessionSeconds };
    },
    issue: (key, grant) => {
      grants.set(fingerprint(key), grant);
    },
    expireAll: () => {
      const expiresAtMs = scheduler.now();
      for (const [print, grant] of grants) grants.set(print, { ...grant, expiresAtMs });
    },
  };
}

import { randomBytes } from 'node:crypto';

/** A LiveKit-style id: `RM_` for rooms, `PA_` for participants, `TR_` for tracks. */
export function newSid(prefix: 'RM' | 'PA' | 'TR' | 'ND'): string {
  return `${prefix}_${randomBytes(9).toString('base64url').replace(/[-_]/g, 'x')}`;
}

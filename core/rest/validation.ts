import * as t from 'io-ts';
import type { Secrets } from '../secrets.js';

/** What the service found wrong with a request (HTTP 422): in `data.details` of the error. */
export interface ValidationDetail {
  /** Where: `['body', 'prompt']`, say. */
  readonly loc: readonly (string | number)[];
  /** What, in the service's words. */
  readonly msg: string;
  /** The same as a word for programs: `missing`, `value_error` and others. */
  readonly type: string;
}

const MAX_DETAILS = 20;

const answer = t.type({
  detail: t.array(t.type({ loc: t.array(t.union([t.string, t.number])), msg: t.string, type: t.string })),
});

/** The details in the body of a 422, without the values that were sent; none when it is of another form. */
export function validationDetails(text: string, secrets: Secrets): readonly ValidationDetail[] {
  try {
    const decoded = answer.decode(JSON.parse(text));
    if (decoded._tag === 'Left') return [];
    const details = decoded.right.detail.slice(0, MAX_DETAILS);
    return secrets.clean(details.map(({ loc, msg, type }) => ({ loc, msg, type })));
  } catch {
    // A page of a proxy, say: its text is in the error anyway.
    return [];
  }
}

const ISO = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?/i;
/** The date form that HTTP sends (RFC 9110, IMF-fixdate). */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/**
 * The instant that a text names, in milliseconds since 1970 UTC: ISO 8601 (without an offset it is taken for UTC,
 * as servers mean it) or an HTTP date; `null` for anything else.
 */
export function parseInstant(text: string): number | null {
  const trimmed = text.trim();
  const [local] = ISO.exec(trimmed) ?? [];
  if (local === undefined && !HTTP_DATE.test(trimmed)) return null;
  const complete = local === trimmed ? `${local}Z` : trimmed;
  const instant = Date.parse(local === undefined ? complete : complete.replace(' ', 'T'));
  return Number.isNaN(instant) ? null : instant;
}

/** The wait that a `Retry-After` header asks for, in ms: seconds, or a date seen from `nowMs`; `null` without one. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | null {
  if (header === undefined) return null;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const instant = parseInstant(header);
  return instant === null ? null : Math.max(0, instant - nowMs);
}

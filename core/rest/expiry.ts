const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const ISO = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\s*(?:([Zz])|([+-])(\d\d):?(\d\d))?$/;
/** The date form that HTTP sends (RFC 9110, IMF-fixdate). */
const HTTP_DATE = /^[A-Za-z]{3}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/;

/** Days from 1970-01-01 in the Gregorian calendar, years counted from March so that leap days come last. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719_468;
}

/**
 * The instant that a text names, in milliseconds since 1970 UTC: ISO 8601 (without an offset it is taken for UTC,
 * as servers mean it) or an HTTP date; `null` for anything else.
 */
export function parseInstant(text: string): number | null {
  const iso = ISO.exec(text.trim());
  if (iso) {
    const [year, month, day, hour, minute, second] = iso.slice(1, 7).map((part) => Number(part ?? 0));
    const millis = Math.floor(Number(`0.${iso[7] ?? '0'}`) * 1000);
    const offset = (iso[9] === '-' ? -1 : 1) * (Number(iso[10] ?? 0) * 60 + Number(iso[11] ?? 0));
    return at(year, month, day, hour, minute, second, millis - offset * 60_000);
  }
  const http = HTTP_DATE.exec(text.trim());
  if (http) {
    const index = MONTHS.indexOf(http[2] ?? '?');
    const [day, year, hour, minute, second] = [http[1], http[3], http[4], http[5], http[6]].map(Number);
    return index % 3 === 0 ? at(year, index / 3 + 1, day, hour, minute, second, 0) : null;
  }
  return null;
}

function at(year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, extraMs = 0): number | null {
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60) return null;
  return (((daysSinceEpoch(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1000 + extraMs;
}

/** The wait that a `Retry-After` header asks for, in ms: seconds, or a date seen from `nowMs`; `null` without one. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | null {
  if (header === undefined) return null;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const instant = parseInstant(header);
  return instant === null ? null : Math.max(0, instant - nowMs);
}

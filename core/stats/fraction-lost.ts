/**
 * Packet loss as a fraction 0..1, whichever scale the stack reports it in: above 1 it can only be
 * the 8-bit value of RFC 3550 (0..255). Anything that is no usable number is null.
 */
export function normaliseFractionLost(reported: number | null | undefined): number | null {
  if (reported === null || reported === undefined || Number.isNaN(reported) || reported < 0) return null;
  return reported > 1 ? Math.min(reported / 256, 1) : reported;
}

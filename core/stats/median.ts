/** The middle value, or the mean of the two middle ones; null when there are none. */
export function median(values: readonly number[]): number | null {
  return medianOfSorted(sorted(values));
}

/** The same for values that are sorted already. */
export function medianOfSorted(ascending: readonly number[]): number | null {
  const upper = ascending[ascending.length >> 1];
  if (upper === undefined) return null;
  if (ascending.length % 2 === 1) return upper;
  return ((ascending[(ascending.length >> 1) - 1] ?? upper) + upper) / 2;
}

/** A copy in ascending order. */
export const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

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
export function sorted(values: readonly number[]): number[] {
  const copy = values.slice();
  if (copy.length > 16) return copy.sort((a, b) => a - b);
  // By insertion: many times faster than a comparator for the handful of a smoothing window.
  for (let index = 1; index < copy.length; index += 1) {
    const value = copy[index] as number;
    let at = index;
    while (at > 0 && (copy[at - 1] as number) > value) {
      copy[at] = copy[at - 1] as number;
      at -= 1;
    }
    copy[at] = value;
  }
  return copy;
}

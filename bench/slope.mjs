// How a number grows: least squares over the second half of its samples, when caches are warm.

/**
 * @param {readonly Record<string, number>[]} samples
 * @param {string} x the key of what counts the way: cycles, minutes, reconnects
 * @param {string} y the key of what may grow
 * @returns the first and last value, the rise per `x`, and its standard error
 */
export function slopeOf(samples, x, y) {
  const half = samples.slice(Math.floor(samples.length / 2));
  const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const meanX = mean(half.map((each) => each[x]));
  const meanY = mean(half.map((each) => each[y]));
  const spread = half.reduce((sum, each) => sum + (each[x] - meanX) ** 2, 0);
  const rise = half.reduce((sum, each) => sum + (each[x] - meanX) * (each[y] - meanY), 0) / spread;
  const errors = half.reduce((sum, each) => sum + (each[y] - meanY - rise * (each[x] - meanX)) ** 2, 0);
  const error = Math.sqrt(errors / Math.max(1, half.length - 2) / spread);
  return { first: samples[0][y], last: samples.at(-1)[y], rise, error };
}

/**
 * Waits for `work`, but no longer than `limitMs`, and whatever its outcome: for taking things down, where a call
 * that hangs or fails must not keep the rest from being taken down. True when it was done in time.
 */
export async function within(limitMs: number, work: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  const done = work.then(
    () => true,
    // What failed to close is as closed as it will get.
    () => true,
  );
  try {
    return await Promise.race([done, limit]);
  } finally {
    clearTimeout(timer);
  }
}

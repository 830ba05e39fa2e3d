/**
 * Waits until `work` settles, but no longer than `limitMs`. For cleaning up, where a call that hangs or fails must
 * not stop the rest. True when it settled in time.
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

// For tests of what a process has open: what the test runner itself opens and closes meanwhile is not theirs.

/**
 * What is open now and was not `before`, which is what `process.getActiveResourcesInfo()` gave. Without immediates:
 * they are over at the end of the turn.
 */
export function openedSince(before: readonly string[]): string[] {
  const known = [...before];
  return process.getActiveResourcesInfo().filter((name) => {
    const at = known.indexOf(name);
    if (at >= 0) known.splice(at, 1);
    return at < 0 && name !== 'Immediate';
  });
}

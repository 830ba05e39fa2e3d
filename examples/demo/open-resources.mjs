// Standard streams are the shell's, not ours.
const NOT_OURS = new Set(['TTYWrap', 'PipeWrap', 'CloseReq']);
const PATIENCE_MS = 3_000;

/**
 * Resolves once nothing keeps this process alive any more, or when patience runs out.
 *
 * @returns {Promise<{ count: number, kinds: string[] }>} what is still open: nothing, if all is well
 */
export function openResources() {
  return new Promise((resolve) => {
    // Does not keep the process alive itself: it fires only if something else does.
    const patience = setTimeout(() => {
      process.off('beforeExit', idle);
      const kinds = process.getActiveResourcesInfo().filter((kind) => !NOT_OURS.has(kind) && kind !== 'Timeout');
      // The native library holds the process without being listed.
      resolve({ count: Math.max(1, kinds.length), kinds });
    }, PATIENCE_MS);
    patience.unref();
    const idle = () => {
      clearTimeout(patience);
      resolve({ count: 0, kinds: [] });
    };
    process.once('beforeExit', idle);
  });
}

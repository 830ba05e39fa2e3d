/**
 * The simulator, or an error that says what to do.
 *
 * @returns {Promise<typeof import('decart-rx-simulator')>}
 */
export async function loadSimulator() {
  try {
    return await import('decart-rx-simulator');
  } catch (cause) {
    if (cause?.code !== 'ERR_MODULE_NOT_FOUND' || !cause.message.includes('decart-rx-simulator')) throw cause;
    const isUnbuilt = cause.message.includes('/dist/');
    const message = isUnbuilt
      ? 'The simulator is not built yet: npm run build'
      : 'The simulator is a package of its own: npm install --save-dev decart-rx-simulator';
    throw new Error(message, { cause });
  }
}

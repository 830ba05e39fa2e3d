// Assembled from scripts/mirror.wat by scripts/assemble-mirror.mjs: do not edit.

/** A WebAssembly module, in base64: `mirrorPlane(at, width, height)` on its own `memory`. */
export const mirrorKernel =
  'AGFzbQEAAAABBwFgA39/fwADAgEABQMBAAEHGAIGbWVtb3J5AgALbWlycm9yUGxhbmUAAArEAQHBAQQCfwJ7AX8Be/0MDw4NDAsK' +
  'CQgHBgUEAwIBACEIAkADQCACRQ0BIAAhAyAAIAFqIQQCQANAIAQgA2tBEEgNASAEQRBrIQQgA/0AAAAhBSAE/QAAACEGIAMgBiAI' +
  '/Q79CwAAIAQgBSAI/Q79CwAAIANBEGohAwwACwsCQANAIARBAWshBCADIARODQEgAy0AACEHIAMgBC0AADoAACAEIAc6AAAgA0EB' +
  'aiEDDAALCyAAIAFqIQAgAkEBayECDAALCws=';

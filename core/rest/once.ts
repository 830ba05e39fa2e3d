import { invalidInput } from '../check.js';
import type { FormPart } from '../ports/http.js';

/** A part that cannot be read a second time. */
export const readsOnce = (part: FormPart): boolean =>
  part.type === 'file' && part.source.type === 'stream' && part.source.once;

/**
 * Lets each stream be sent once: a second time it would be an empty file.
 * The function it gives throws DecartError INVALID_INPUT for parts that hold a stream it has seen.
 */
export function createStreamClaims(): (parts: readonly FormPart[]) => void {
  const seen = new WeakSet<object>();
  return (parts) => {
    for (const part of parts) {
      if (part.type !== 'file' || part.source.type !== 'stream' || !part.source.once) continue;
      const stream = part.source.open();
      if (seen.has(stream)) {
        throw invalidInput(part.name, 'this stream has been sent already; give a function that opens a new one');
      }
      seen.add(stream);
    }
  };
}

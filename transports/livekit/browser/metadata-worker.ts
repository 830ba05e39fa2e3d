import { DecartError } from '../../../core/errors.js';

/** How long a worker's file may take to arrive. */
const startLimitMs = 3_000;

/**
 * Starts the worker that reads and writes the metadata of frames, and waits until it runs: through one that does not,
 * no frame would pass.
 *
 * @throws DecartError LOAD_ERROR
 */
export async function startMetadataWorker(create: () => Worker): Promise<Worker> {
  let worker: Worker;
  try {
    worker = create();
  } catch (cause) {
    throw loadError(cause);
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`It did not answer within ${startLimitMs} ms.`)), startLimitMs);
      worker.onmessage = () => resolve();
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(event.message));
      };
      // LiveKit's own greeting, which its worker answers.
      worker.postMessage({ kind: 'init' });
    });
  } catch (cause) {
    worker.terminate();
    throw loadError(cause);
  } finally {
    clearTimeout(timer);
    worker.onmessage = null;
    worker.onerror = null;
  }
  return worker;
}

function loadError(cause: unknown): DecartError {
  return new DecartError({
    code: 'LOAD_ERROR',
    permanent: true,
    message:
      'The worker for frame metadata did not start. createMetadataWorker returns a Worker that runs ' +
      'livekit-client/frame-metadata-worker: check its URL, and worker-src in the CSP.',
    cause,
  });
}

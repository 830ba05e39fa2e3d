import { defer, EMPTY, from, type Observable, type Subscription } from 'rxjs';
import { type Failure, failureOf } from '../../errors.js';
import type { ImageInput, LocalStreamRequest, Platform } from '../../ports/platform.js';
import type { LocalStream, RemoteStream } from '../../ports/streams.js';
import type { Secrets } from '../../secrets.js';
import type { UntimedEvent } from '../machine/events.js';
import { readImage } from './encode-image.js';

export interface InputDeps<L extends LocalStream> {
  readonly platform: Pick<Platform<L, RemoteStream>, 'createLocalStream' | 'fetchBytes'>;
  readonly secrets: Pick<Secrets, 'keepUrl'>;
  dispatch(event: UntimedEvent): void;
}

/** What a session takes in besides messages: local media that it owns, by connect, and images, by who reads them. */
export interface Inputs<L extends LocalStream> {
  openLocal(connectId: number, request: LocalStreamRequest, opened: (stream: L) => void): void;
  /** Gives up the opening, and disposes of `stream`, which was opened. */
  closeLocal(connectId: number, stream: L | null): void;
  readImage(readId: number, input: ImageInput): void;
  cancelImage(readId: number): void;
}

export function createInputs<L extends LocalStream>({ platform, secrets, dispatch }: InputDeps<L>): Inputs<L> {
  const openings = new Map<number, Subscription>();
  const reads = new Map<number, Subscription>();

  const stop = (running: Map<number, Subscription>, id: number): void => {
    running.get(id)?.unsubscribe();
    running.delete(id);
  };

  return {
    openLocal(connectId, request, opened) {
      const opening = defer(() => platform.createLocalStream(request)).subscribe({
        next: (stream) => {
          opened(stream);
          dispatch({ type: 'local.opened', connectId });
        },
        error: (error: unknown) => {
          openings.delete(connectId);
          const fallback: Failure = { code: 'INVALID_INPUT', message: 'connect() could not open a local stream.' };
          dispatch({ type: 'local.failed', connectId, failure: { ...failureOf(error, fallback), permanent: true } });
        },
      });
      if (!opening.closed) openings.set(connectId, opening);
    },
    closeLocal(connectId, stream) {
      stop(openings, connectId);
      const closed = (): void => dispatch({ type: 'local.closed', connectId });
      // However the disposal ends, there is nothing more to be done about the stream.
      (stream ? defer(() => from(stream.dispose())) : EMPTY).subscribe({ complete: closed, error: closed });
    },
    readImage(readId, input) {
      const fallback: Failure = { code: 'INVALID_INPUT', message: 'The image could not be read.', permanent: true };
      const fetchBytes = (url: string): Observable<Uint8Array> => {
        secrets.keepUrl(url);
        return platform.fetchBytes(url);
      };
      const reading = readImage(input, fetchBytes).subscribe({
        next: (image) => dispatch({ type: 'image.read', readId, image }),
        error: (error: unknown) => {
          reads.delete(readId);
          dispatch({ type: 'image.failed', readId, failure: failureOf(error, fallback) });
        },
        complete: () => reads.delete(readId),
      });
      if (!reading.closed) reads.set(readId, reading);
    },
    cancelImage: (readId) => stop(reads, readId),
  };
}

import type { Observable } from 'rxjs';
import { type DecartError, isDecartError } from '../../core/errors.js';
import type { MediaRequest, MediaRoom, RoomEvent } from '../../core/ports/media.js';
import type { LocalStream, RemoteStream } from '../../core/ports/streams.js';
import { type ConformanceCase, check, Recorder, within } from './case.js';
import type { MediaStage } from './media-stage.js';

export const INFERENCE = 'inference-server-0';

export type Rule<L extends LocalStream, R extends RemoteStream> = (
  name: string,
  body: (visit: Visit<L, R>) => Promise<void>,
) => ConformanceCase;

/** One case's use of its stage. */
export class Visit<L extends LocalStream, R extends RemoteStream> {
  readonly #limitMs: number;
  readonly #localStreams: L[] = [];
  readonly #rooms: MediaRoom<R>[] = [];

  constructor(readonly stage: MediaStage<L, R>) {
    this.#limitMs = stage.limitMs ?? 10_000;
  }

  async localStream(): Promise<L> {
    const stream = await this.stage.createLocalStream();
    this.#localStreams.push(stream);
    return stream;
  }

  checkCallersStreams(): void {
    check(
      this.#localStreams.every((stream) => this.stage.isUsable(stream)),
      "The caller's local stream was disposed of or ended.",
    );
  }

  /** A room that is not subscribed to yet. */
  prepare(request: MediaRequest<L> = this.stage.request(null)): MediaRoom<R> {
    const room = this.stage.transport.join(request);
    this.#rooms.push(room);
    return room;
  }

  /** Closes what a case that failed has left. */
  abandon(): void {
    for (const room of this.#rooms) room.close();
  }

  record(room: MediaRoom<R>): Recorder<RoomEvent<R>> {
    return new Recorder(room.events$, this.#limitMs);
  }

  join(request: MediaRequest<L>): { room: MediaRoom<R>; recorder: Recorder<RoomEvent<R>> } {
    const room = this.prepare(request);
    return { room, recorder: this.record(room).start() };
  }

  async published(localStream: L | null): Promise<{ room: MediaRoom<R>; recorder: Recorder<RoomEvent<R>> }> {
    const joined = this.join(this.stage.request(localStream));
    await joined.recorder.until('published');
    return joined;
  }

  /** Everything that was opened is freed. */
  idle(): Promise<void> {
    return within(this.stage.idle(), this.#limitMs, () => 'everything to be freed');
  }

  collect<T>(values$: Observable<T>, what: string): Promise<T[]> {
    const values: T[] = [];
    const all = new Promise<T[]>((resolve, reject) => {
      values$.subscribe({ next: (value) => values.push(value), error: reject, complete: () => resolve(values) });
    });
    return within(all, this.#limitMs, () => what);
  }

  async failsWithDecartError(values$: Observable<unknown>, what: string): Promise<DecartError> {
    const failure = await this.collect(values$, what).then(
      () => null,
      (error: unknown) => error,
    );
    check(isDecartError(failure), `${what} must fail with a DecartError, but: ${String(failure)}.`);
    return failure;
  }
}

export async function leave<R extends RemoteStream>(
  room: MediaRoom<R>,
  recorder: Recorder<RoomEvent<R>>,
): Promise<void> {
  recorder.call('close', () => room.close());
  await recorder.ended();
}

export function streams<R extends RemoteStream>(recorder: Recorder<RoomEvent<R>>): R[] {
  return recorder.events.flatMap((event) => (event.type === 'streamChanged' && event.stream ? [event.stream] : []));
}

/** `undefined` until one was emitted. */
export function lastStream<R extends RemoteStream>(events: readonly RoomEvent<R>[]): R | null | undefined {
  const streams = events.flatMap((event) => (event.type === 'streamChanged' ? [event.stream] : []));
  return streams.at(-1);
}

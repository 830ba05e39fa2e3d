import { type Failure, failureOf } from '../../core/errors.js';
import type { AudioInput, PeerSignal, RoomEvent, RoomStats } from '../../core/ports/media.js';
import type { RemoteStream } from '../../core/ports/streams.js';
import { notJoined } from './not-joined.js';

/** Thrown when the connection is over, to leave all pending waits. */
export const over = Symbol('over');

/** One connection to a room, from loading the library to having freed all that was opened. */
export abstract class RoomConnection<R extends RemoteStream> {
  #isJoined = false;
  #isPublished = false;
  #isOver = false;
  #lostBecause: Failure | null = null;
  // Events before `published` are emitted after it.
  readonly #backlog: RoomEvent<R>[] = [];
  #decideEnd: () => void = () => undefined;
  readonly #end = new Promise<void>((resolve) => {
    this.#decideEnd = resolve;
  });
  /** Gives up each wait that is under way. A race against `#end` would be kept by it for as long as the connection lasts. */
  readonly #giveUps = new Set<() => void>();
  readonly #emit: (event: RoomEvent<R>) => void;

  constructor(emit: (event: RoomEvent<R>) => void) {
    this.#emit = emit;
  }

  /** Publishes another track. Rejects when it is none, or when the room is not joined. */
  abstract replaceVideoTrack(track: unknown): Promise<void>;
  /** Rejects when the room is not joined. */
  abstract readStats(): Promise<RoomStats>;
  abstract resume(): void;

  /** A signal of the service. Only direct WebRTC has any. */
  receive(_signal: PeerSignal): void {}

  /** Fulfilled when the sound is over, or stopped. Rejects where none can be played. */
  async playAudio(_audio: AudioInput, _stop: AbortSignal): Promise<void> {
    throw notJoined();
  }

  /** Gets into the room: `joined()` when that is done, `published()` when all is sent. Throws `over` when it ends meanwhile. */
  protected abstract join(): Promise<void>;
  /** Frees all that was opened. */
  protected abstract leave(): Promise<void>;

  /** The connection itself. Resolves when everything is released and `closed` is emitted. Never rejects. */
  async enter(): Promise<void> {
    const joining = async (): Promise<void> => this.join();
    joining().catch((error: unknown) => this.fail(error));
    await this.#end;
    if (this.#lostBecause) this.#emit({ type: 'lost', failure: this.#lostBecause });
    try {
      await this.leave();
    } catch {
      // What could not be freed now never will be: the connection is over all the same.
    }
    this.#emit({ type: 'closed' });
  }

  /** Ends the connection: lost because of `reason`, or left on request when it is `null`, which wins as long as it can. */
  end(reason: Failure | null): void {
    if (reason === null) this.#lostBecause = null;
    else if (!this.#isOver) this.#lostBecause = reason;
    this.#isOver = true;
    this.#decideEnd();
    for (const giveUp of this.#giveUps) giveUp();
  }

  protected get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether the room can be worked with. */
  protected get isJoined(): boolean {
    return this.#isJoined && !this.#isOver;
  }

  protected get isPublished(): boolean {
    return this.#isPublished && !this.#isOver;
  }

  /** Throws `over` when it ended meanwhile, as `published` does. */
  protected joined(): void {
    if (this.#isOver) throw over;
    this.#isJoined = true;
    this.#emit({ type: 'joined' });
  }

  protected published(): void {
    if (this.#isOver) throw over;
    this.#isPublished = true;
    this.#emit({ type: 'published' });
    for (const event of this.#backlog.splice(0)) this.report(event);
  }

  /** Emits at once: the room is joined by these signals. */
  protected signal(signal: PeerSignal): void {
    if (!this.#isOver) this.#emit({ type: 'signal', signal });
  }

  protected report(event: RoomEvent<R>): void {
    if (this.#isOver) return;
    if (this.#isPublished) this.#emit(event);
    else this.#backlog.push(event);
  }

  protected fail(error: unknown): void {
    if (error === over) return;
    this.end(failureOf(error, { code: 'WEBRTC_ICE_ERROR', message: 'The media library failed.' }));
  }

  /** Waits for `work`, but throws `over` as soon as the connection ends. */
  protected async until<T>(work: Promise<T>): Promise<T> {
    let giveUp = (): void => undefined;
    try {
      const result = await new Promise<T>((resolve, reject) => {
        giveUp = () => reject(over);
        this.#giveUps.add(giveUp);
        work.then(resolve, reject);
        if (this.#isOver) giveUp();
      });
      if (this.#isOver) throw over;
      return result;
    } finally {
      this.#giveUps.delete(giveUp);
    }
  }
}

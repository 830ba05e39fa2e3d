/** A MediaStream for tests without a browser. In Chromium a track keeps every stream that it is in: `all` has them. */
export class FakeStream {
  static readonly all: FakeStream[] = [];
  readonly #tracks: Set<object>;
  constructor(tracks: object[] = []) {
    this.#tracks = new Set(tracks);
    FakeStream.all.push(this);
  }
  /** What streams hold, those of all tests since `all` was emptied. */
  static kept = (): object[] => FakeStream.all.flatMap((stream) => stream.getTracks());
  getTracks = (): object[] => [...this.#tracks];
  addTrack = (track: object): void => void this.#tracks.add(track);
  removeTrack = (track: object): void => void this.#tracks.delete(track);
}

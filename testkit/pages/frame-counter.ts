/** Shows a stream in an element and counts the frames that are rendered there: `currentTime` advances on a frozen one. */
export class FrameCounter {
  readonly video: HTMLVideoElement;
  count = 0;
  firstAtMs: number | null = null;
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor() {
    this.video = document.createElement('video');
    this.video.muted = true;
    this.video.playsInline = true;
    document.body.append(this.video);
    const count = (): void => {
      this.count += 1;
      this.firstAtMs ??= performance.now();
      this.#waiting = this.#waiting.filter(({ count, resolve }) => {
        if (count > this.count) return true;
        resolve();
        return false;
      });
    };
    const next = (): void => {
      // A first frame may be presented before the element has data: until then, drawing it gives nothing.
      if (this.video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) count();
      else this.video.addEventListener('loadeddata', count, { once: true });
      this.video.requestVideoFrameCallback(next);
    };
    this.video.requestVideoFrameCallback(next);
  }

  /** Waits until so many more frames have been rendered. */
  more(frames: number): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ count: this.count + frames, resolve }));
  }

  /** Looks at each frame until what is seen first in it is this: frames that were on their way may come before. */
  async until<T>(look: () => readonly T[], first: T): Promise<readonly T[]> {
    for (;;) {
      await this.more(1);
      const seen = look();
      if (seen[0] === first) return seen;
    }
  }

  async show(stream: MediaStream): Promise<this> {
    this.video.srcObject = stream;
    await this.video.play();
    return this;
  }
}

/** The mean colours of so many upright stripes of what an element shows. */
export function meanColours(video: HTMLVideoElement, stripes: number): [number, number, number][] {
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('There is no canvas.');
  context.drawImage(video, 0, 0);
  const width = Math.floor(canvas.width / stripes);
  return Array.from({ length: stripes }, (_, stripe) => {
    const { data } = context.getImageData(stripe * width, 0, width, canvas.height);
    const sums = [0, 0, 0];
    for (let at = 0; at < data.length; at += 4) {
      for (let channel = 0; channel < 3; channel += 1) sums[channel] = (sums[channel] ?? 0) + (data[at + channel] ?? 0);
    }
    return sums.map((sum) => Math.round(sum / (data.length / 4))) as [number, number, number];
  });
}

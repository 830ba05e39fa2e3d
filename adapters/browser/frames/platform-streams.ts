// The not yet standard constructors for frames as streams, as Chromium has them in pages.

interface GeneratorConstructor {
  new (init: { kind: 'video' }): MediaStreamTrack & { readonly writable: WritableStream<VideoFrame> };
}

/** A track that carries the frames written to it; `null` where there is none. */
export function createGeneratedTrack(): ReturnType<typeof construct> | null {
  const { MediaStreamTrackGenerator: Generator } = globalThis as { MediaStreamTrackGenerator?: GeneratorConstructor };
  return Generator ? construct(Generator) : null;
}

const construct = (Generator: GeneratorConstructor) => new Generator({ kind: 'video' });

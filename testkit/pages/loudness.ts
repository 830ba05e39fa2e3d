/**
 * Resolves once a track has been heard louder than this, with its loudest sample then, 0 to 1. When its sound comes is
 * not known beforehand: it crosses the network, and waits in a jitter buffer.
 */
export async function heardAbove(level: number, track: MediaStreamTrack): Promise<number> {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  // The longest window, so that nothing is missed while the page is busy.
  analyser.fftSize = 32_768;
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let peak = 0;
  while (peak <= level) {
    await new Promise(requestAnimationFrame);
    analyser.getFloatTimeDomainData(samples);
    for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  }
  await context.close();
  return peak;
}

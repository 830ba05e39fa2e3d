/** A track of upright stripes, 640 by 360 at 30 frames per second. */
export function drawStripes(colours: readonly string[]): { readonly track: MediaStreamTrack } {
  const canvas = document.createElement('canvas');
  canvas.width = 640;
  canvas.height = 360;
  const context = canvas.getContext('2d', { alpha: false });
  const draw = (): void => {
    colours.forEach((colour, at) => {
      if (!context) return;
      context.fillStyle = colour;
      context.fillRect((at * 640) / colours.length, 0, 640 / colours.length, 360);
    });
  };
  setInterval(draw, 33);
  draw();
  const [track] = canvas.captureStream(30).getVideoTracks();
  if (!track) throw new Error('The canvas gave no track.');
  return { track };
}

/** Which of the three a mean colour is. */
export function nearest([red = 0, green = 0, blue = 0]: readonly number[]): string {
  if (red > green && red > blue) return 'red';
  return green > blue ? 'green' : 'blue';
}

// What a prompt and an image do to a picture, as numbers.
import { fractionOf, hashBytes, hashText } from './hash.js';

export interface StyleInput {
  readonly prompt: string | null;
  readonly image: Uint8Array | null;
}

export interface Style {
  /** Turn of the hue, radians. */
  readonly hueTurn: number;
  /** Factor on the colour's strength. */
  readonly saturation: number;
  /** Added to U and V: the style's own colour. */
  readonly tint: readonly [u: number, v: number];
  /** Factor on luma about its middle. */
  readonly contrast: number;
  /** Added to luma. */
  readonly brightness: number;
  /** Added to luma per unit of gradient: below 0 edges are drawn in ink, above 0 they glow. */
  readonly edgeGain: number;
  /** Steps of luma; 256 for all of them. */
  readonly levels: number;
  /** Burnt in; empty for none. */
  readonly caption: string;
  /** Hash of the reference image; `null` when there is none. */
  readonly imageHash: number | null;
}

const EDGE_GAINS = [-1.2, -0.6, 0, 0.6, 1.2] as const;
const LEVELS = [256, 256, 12, 6] as const;

/** The style of a prompt and an image, always the same for the same ones. `null`: neither, so nothing is changed. */
export function styleOf({ prompt, image }: StyleInput): Style | null {
  if (prompt === null && image === null) return null;
  const imageHash = image === null ? null : hashBytes(image);
  // An image brings its own colours; the prompt decides how they are drawn.
  const drawing = prompt === null ? 0 : hashText(prompt);
  const colours = imageHash === null ? drawing : (drawing ^ imageHash) >>> 0;
  const pick = (n: number, least: number, most: number) => least + fractionOf(colours, n) * (most - least);
  const tintAngle = pick(0, 0, 2 * Math.PI);
  const tintStrength = pick(1, 30, 58);
  return {
    hueTurn: pick(2, 0, 2 * Math.PI),
    saturation: pick(3, 0.5, 1.1),
    tint: [Math.cos(tintAngle) * tintStrength, Math.sin(tintAngle) * tintStrength],
    contrast: pick(4, 0.8, 1.2),
    brightness: pick(5, -28, 28),
    edgeGain: choose(EDGE_GAINS, fractionOf(drawing, 6)),
    levels: choose(LEVELS, fractionOf(drawing, 7)),
    caption: prompt ?? '',
    imageHash,
  };
}

function choose<T>(from: readonly [T, ...T[]], fraction: number): T {
  return from[Math.floor(fraction * from.length)] ?? from[0];
}

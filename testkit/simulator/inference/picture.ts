import { readMarker, stampMarker } from '../../../core/latency/marker.js';
import { createRestyler, type Restyler } from './restyler.js';
import { type StyleInput, styleOf } from './style.js';

/** A tight I420 frame; sizes in pixels, even. */
export interface Frame {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** What the inference makes of frames: one per room. */
export interface PictureMaker {
  /** Parts that are absent stay as they are. In force from the next frame on. */
  changeStyle(change: Partial<StyleInput>): void;
  /** Changes the frame in place. */
  render(frame: Frame): void;
}

const unchanged: Restyler = () => {};

/**
 * @param restyles `false`: frames stay as they are, whatever the prompt
 * @param carriesMarker `true`: the latency marker of an input frame is stamped on its output frame
 */
export function createPictureMaker(restyles: boolean, carriesMarker: boolean): PictureMaker {
  let source: StyleInput = { prompt: null, image: null };
  let compiled: { readonly restyle: Restyler; readonly width: number; readonly height: number } | null = null;

  function restylerFor(width: number, height: number): Restyler {
    if (compiled?.width !== width || compiled.height !== height) {
      const style = restyles ? styleOf(source) : null;
      compiled = { width, height, restyle: style === null ? unchanged : createRestyler(style, width, height) };
    }
    return compiled.restyle;
  }

  return {
    changeStyle: (change) => {
      source = { ...source, ...change };
      compiled = null;
    },
    render: ({ data, width, height }) => {
      const seq = carriesMarker ? readMarker(data, width, height, width) : null;
      restylerFor(width, height)(data);
      if (seq !== null) stampMarker(data.subarray(0, width * height), width, height, width, seq);
    },
  };
}

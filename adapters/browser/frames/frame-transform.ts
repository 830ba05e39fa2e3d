import { stampMarker, stampMarkerRgba } from '../../../core/latency/marker.js';

/** What is done to a frame. */
export interface FrameWork {
  readonly mirror: boolean;
  /** The number to stamp, after mirroring; `null`: none. */
  readonly seq: number | null;
}

/**
 * Makes a new frame out of one, which it leaves open. Planar frames are worked on as they are, so that no colours
 * are converted back and forth; others by way of RGBA. Runs in a worker as well as in a page.
 */
export function createFrameTransform(): (frame: VideoFrame, work: FrameWork) => Promise<VideoFrame> {
  let bytes = new Uint8Array(0);
  return async (frame, { mirror, seq }) => {
    const { width, height } = frame.visibleRect ?? { width: frame.codedWidth, height: frame.codedHeight };
    const planar = frame.format === 'I420' || frame.format === 'NV12' ? frame.format : null;
    const options: VideoFrameCopyToOptions = planar ? {} : { format: 'RGBA', colorSpace: 'srgb' };
    const size = frame.allocationSize(options);
    if (bytes.length !== size) bytes = new Uint8Array(size);
    const layout = await frame.copyTo(bytes, options);
    if (mirror) {
      layout.forEach(({ offset, stride }, plane) => {
        mirrorPlane(bytes, { offset, stride, ...planeShape(planar, plane, width, height) });
      });
    }
    if (seq !== null) {
      const { offset = 0, stride = width } = layout[0] ?? {};
      const plane = bytes.subarray(offset);
      if (planar) stampMarker(plane, width, height, stride, seq);
      else stampMarkerRgba(plane, width, height, stride, seq);
    }
    return new VideoFrame(bytes, {
      format: planar ?? 'RGBX',
      codedWidth: width,
      codedHeight: height,
      displayWidth: frame.displayWidth,
      displayHeight: frame.displayHeight,
      timestamp: frame.timestamp,
      ...(frame.duration !== null && { duration: frame.duration }),
      ...(planar && { colorSpace: frame.colorSpace }),
      layout,
    });
  };
}

interface PlaneShape {
  readonly rows: number;
  /** Samples in a row, and bytes in a sample: those of one sample stay in their order. */
  readonly samples: number;
  readonly bytesPerSample: 1 | 2 | 4;
}

function planeShape(format: 'I420' | 'NV12' | null, plane: number, width: number, height: number): PlaneShape {
  if (format === null) return { rows: height, samples: width, bytesPerSample: 4 };
  if (plane === 0) return { rows: height, samples: width, bytesPerSample: 1 };
  return { rows: (height + 1) >> 1, samples: (width + 1) >> 1, bytesPerSample: format === 'NV12' ? 2 : 1 };
}

function mirrorPlane(
  bytes: Uint8Array,
  plane: PlaneShape & { readonly offset: number; readonly stride: number },
): void {
  const { offset, stride, rows, samples, bytesPerSample } = plane;
  const isAligned = (bytes.byteOffset + offset) % bytesPerSample === 0 && stride % bytesPerSample === 0;
  for (let row = 0; row < rows; row += 1) {
    const at = offset + row * stride;
    // The platform reverses an array of whole samples far faster than a loop would.
    if (isAligned) samplesAt(bytes, at, samples, bytesPerSample).reverse();
    else mirrorBytes(bytes, at, samples, bytesPerSample);
  }
}

function samplesAt(bytes: Uint8Array, at: number, samples: number, bytesPerSample: 1 | 2 | 4) {
  if (bytesPerSample === 1) return bytes.subarray(at, at + samples);
  const from = bytes.byteOffset + at;
  return bytesPerSample === 2
    ? new Uint16Array(bytes.buffer, from, samples)
    : new Uint32Array(bytes.buffer, from, samples);
}

function mirrorBytes(bytes: Uint8Array, at: number, samples: number, bytesPerSample: number): void {
  for (let left = 0, right = samples - 1; left < right; left += 1, right -= 1) {
    for (let byte = 0; byte < bytesPerSample; byte += 1) {
      const [a, b] = [at + left * bytesPerSample + byte, at + right * bytesPerSample + byte];
      const kept = bytes[a] as number;
      bytes[a] = bytes[b] as number;
      bytes[b] = kept;
    }
  }
}

export type VideoCodec = 'VP8' | 'H264' | 'VP9';
export type MediaCodec = VideoCodec | 'opus';

/** Whether this payload starts a keyframe, by the codec's RTP payload header alone. */
export function startsKeyframe(codec: MediaCodec, payload: Buffer): boolean {
  switch (codec) {
    case 'opus':
      return true;
    case 'VP8':
      return startsVp8Keyframe(payload);
    case 'H264':
      return startsH264Keyframe(payload);
    case 'VP9':
      return startsVp9Keyframe(payload);
  }
}

/** RFC 7741 §4.2: start of partition 0, and the P bit of the frame header clear. */
function startsVp8Keyframe(payload: Buffer): boolean {
  const first = payload[0];
  if (first === undefined || (first & 0x1f) !== 0x10) return false;
  let at = 1;
  if (first & 0x80) {
    const extension = payload[at] ?? 0;
    at += 1;
    if (extension & 0x80) at += (payload[at] ?? 0) & 0x80 ? 2 : 1;
    if (extension & 0x40) at += 1;
    if (extension & 0x30) at += 1;
  }
  const frameHeader = payload[at];
  return frameHeader !== undefined && (frameHeader & 0x01) === 0;
}

const h264Idr = 5;
const h264SequenceParameters = 7;
const h264AggregateA = 24;
const h264FragmentA = 28;

/** RFC 6184: an IDR slice or its parameter sets, alone, aggregated or as a first fragment. */
function startsH264Keyframe(payload: Buffer): boolean {
  const type = (payload[0] ?? 0) & 0x1f;
  if (type === h264Idr || type === h264SequenceParameters) return true;
  if (type === h264AggregateA) {
    for (let at = 1; at + 3 <= payload.length; ) {
      const inner = (payload[at + 2] ?? 0) & 0x1f;
      if (inner === h264Idr || inner === h264SequenceParameters) return true;
      at += 2 + payload.readUInt16BE(at);
    }
    return false;
  }
  if (type === h264FragmentA) {
    const header = payload[1] ?? 0;
    const inner = header & 0x1f;
    return (header & 0x80) !== 0 && (inner === h264Idr || inner === h264SequenceParameters);
  }
  return false;
}

/** RFC 9628 §4.2: not inter-picture predicted, and the beginning of a frame. */
function startsVp9Keyframe(payload: Buffer): boolean {
  const first = payload[0];
  return first !== undefined && (first & 0x40) === 0 && (first & 0x08) !== 0;
}

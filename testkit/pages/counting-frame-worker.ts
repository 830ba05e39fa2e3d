// The frame worker, which says when it has stopped how many frames it has had, and how many of them are still open.
import '../../adapters/browser/frames/frame-worker.js';

const frames: VideoFrame[] = [];
const { read } = ReadableStreamDefaultReader.prototype;
ReadableStreamDefaultReader.prototype.read = async function (this: ReadableStreamDefaultReader<VideoFrame>) {
  const result = await read.call(this);
  if (result.value) frames.push(result.value);
  return result;
};
globalThis.VideoFrame = new Proxy(VideoFrame, {
  construct(Frame, args: ConstructorParameters<typeof VideoFrame>) {
    const frame = new Frame(...args);
    frames.push(frame);
    return frame;
  },
});
const { postMessage } = globalThis;
globalThis.postMessage = (message: { readonly type: string }) =>
  // A closed frame has no format.
  postMessage({ ...message, had: frames.length, open: frames.filter(({ format }) => format !== null).length });

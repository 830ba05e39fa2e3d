// What the pages of all three have in common: a camera, an element, and a note of when frames and closes come.
const { performance: clock } = globalThis;
export const video = document.createElement('video');
video.muted = true;
video.playsInline = true;
document.body.append(video);

/** When the signaling socket was last closed. */
let closedAtMs = 0;
globalThis.WebSocket = new Proxy(WebSocket, {
  construct(Target, args) {
    const socket = new Target(...args);
    if (String(args[0]).includes('/v1/stream')) {
      socket.addEventListener('close', () => {
        closedAtMs = clock.now();
      });
    }
    return socket;
  },
});

export const openCamera = (width, height) =>
  navigator.mediaDevices.getUserMedia({ video: { width, height, frameRate: 30 } });

/** Resolves with the time at which a frame of another stream than `before` is rendered. */
const frameOfOther = (before) =>
  new Promise((resolve) => {
    const look = () => {
      if (video.srcObject && video.srcObject !== before) resolve(clock.now());
      else video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  });

export function show(stream) {
  if (!stream || video.srcObject === stream) return;
  video.srcObject = stream;
  // Replaced by a newer stream before it played: that one plays.
  video.play().catch(() => undefined);
}

/** `prepare(config)` is what an application does when its page loads; it gives what connects. */
export function offer(prepare) {
  let camera = null;
  let connect = null;
  globalThis.bench = {
    open: async (config, width, height) => {
      connect = prepare(config);
      camera = await openCamera(width, height);
    },
    /** Milliseconds from connecting to the first frame that is rendered. */
    async connect() {
      const first = frameOfOther(null);
      const startedAtMs = clock.now();
      await connect(camera);
      return (await first) - startedAtMs;
    },
    /** Milliseconds from the loss of the socket to the first frame of the next stream; `null` when none comes in time. */
    async recover(limitMs) {
      const before = video.srcObject;
      const limit = new Promise((resolve) => setTimeout(() => resolve(null), limitMs));
      const at = await Promise.race([frameOfOther(before), limit]);
      return at === null ? null : at - closedAtMs;
    },
  };
  globalThis.isReady = true;
}

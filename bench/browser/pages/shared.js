// What the pages of all three have in common: a camera, an element, and a note of when frames and closes come.
const { performance: clock } = globalThis;
export const video = document.createElement('video');
video.muted = true;
video.playsInline = true;
document.body.append(video);

/** When the signaling socket was last closed. */
let closedAtMs = 0;
/** How long the service takes to name the room, beyond what it takes by itself. */
let roomInfoDelayMs = 0;
/** Events that have been held back. */
const late = new WeakSet();

/** Comes before every listener of whoever opened the socket. */
function delayRoomInfo(event) {
  if (late.has(event) || !String(event.data).includes('"livekit_room_info"')) return;
  event.stopImmediatePropagation();
  const again = new MessageEvent('message', { data: event.data });
  late.add(again);
  setTimeout(() => event.target.dispatchEvent(again), roomInfoDelayMs);
}
globalThis.WebSocket = new Proxy(WebSocket, {
  construct(Target, args) {
    const socket = new Target(...args);
    if (String(args[0]).includes('/v1/stream')) {
      if (roomInfoDelayMs > 0) socket.addEventListener('message', delayRoomInfo);
      socket.addEventListener('close', () => {
        closedAtMs = clock.now();
      });
    }
    return socket;
  },
});

export const openCamera = (width, height) =>
  navigator.mediaDevices.getUserMedia({ video: { width, height, frameRate: 30 } });

const shownTrack = () => video.srcObject?.getVideoTracks()[0] ?? null;

/** Resolves with the time at which a frame of another track than `before` is rendered. */
const frameOfOther = (before) =>
  new Promise((resolve) => {
    const look = () => {
      const track = shownTrack();
      if (track && track !== before) resolve(clock.now());
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

/**
 * `prepare(config)` is what an application does when its page loads, or, in the bench of a client that is used at once,
 * when it connects; it gives what connects.
 */
export function offer(prepare) {
  let camera = null;
  let connect = null;
  globalThis.bench = {
    open: async (config, width, height, { isAtOnce = false, delayMs = 0, codec = 'vp8' } = {}) => {
      roomInfoDelayMs = delayMs;
      const given = { ...config, codec };
      connect = isAtOnce ? (stream) => prepare(given)(stream) : prepare(given);
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
      const before = shownTrack();
      const limit = new Promise((resolve) => setTimeout(() => resolve(null), limitMs));
      const at = await Promise.race([frameOfOther(before), limit]);
      return at === null ? null : at - closedAtMs;
    },
  };
  globalThis.isReady = true;
  if (location.hash !== '') runAlone(JSON.parse(decodeURIComponent(location.hash.slice(1))));
}

/** Connects once the page has settled, and posts how long the first frame took. */
async function runAlone({ config, width, height, how, waitMs }) {
  const { bench } = globalThis;
  const report = (result) => fetch('/', { method: 'POST', body: JSON.stringify(result) });
  try {
    await bench.open(config, width, height, how);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    report({ ms: await bench.connect() });
  } catch (error) {
    report({ error: String(error) });
  }
}

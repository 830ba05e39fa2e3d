// Rooms on a LiveKit server, the embedded one or one of the caller's, with the inference in each.
import { Subject } from 'rxjs';
import { DecartError, isDecartError } from '../../../core/errors.js';
import { acquireLiveKitNode, type NativeHold } from '../../../transports/livekit/node/native.js';
import type { MediaFault } from '../../service/media-fault.js';
import { INFERENCE_PREFIX, joinInference, type RoomInference } from '../inference/join-inference.js';
import type { InferenceControls } from '../inference/video-relay.js';
import { createAccessToken } from '../sfu/access-token.js';
import type { MediaSettings } from './media-messages.js';
import type {
  MediaEvent,
  MediaService,
  OpenRoom,
  PeerOffer,
  RoomAccess,
  RoomStyle,
  TokenRequest,
} from './media-service.js';
import { openExternal, type RoomServer, startEmbedded } from './room-server.js';

const INFERENCE_IDENTITY = `${INFERENCE_PREFIX}0`;
const TOKEN_TTL_SECONDS = 6 * 3_600;

interface Room {
  /** The client's identity; `null` while it waits for its room. */
  client: string | null;
  /** `null`: it is about to join, or the media server echoes by itself. */
  inference: RoomInference | null;
  /** For an inference that is about to join. */
  style: RoomStyle;
}

/**
 * Rejects with a `DecartError` when the media server or, where it is needed, the native library does not start.
 */
export async function createLiveKitMedia(settings: MediaSettings): Promise<MediaService> {
  const { media, mode, host, seed } = settings;
  const needsNative = mode === 'restyle' || media !== 'embedded';
  // Held for as long as the simulator runs: rooms come and go, and starting it again for each takes time.
  const native = needsNative ? await acquireNative(media === 'embedded') : null;
  try {
    const eventsSubject = new Subject<MediaEvent>();
    const warn = (text: string) => eventsSubject.next({ type: 'warning', text });
    const server = await (media === 'embedded' ? startEmbedded(host, seed) : openExternal(media, host, warn));
    return createService(mode, server, native, eventsSubject);
  } catch (error) {
    await native?.release();
    throw error;
  }
}

async function acquireNative(isOptional: boolean): Promise<NativeHold> {
  try {
    return await acquireLiveKitNode();
  } catch (error) {
    if (!isOptional || !isDecartError(error)) throw error;
    const { code, message } = error;
    // The media process reports the message alone.
    const hint = `${message} Mode echo works without it (decart-sim --mode echo).`;
    throw new DecartError({ code, message: hint, permanent: true, cause: error });
  }
}

function createService(
  mode: MediaSettings['mode'],
  server: RoomServer,
  native: NativeHold | null,
  eventsSubject: Subject<MediaEvent>,
): MediaService {
  const { url, clientUrl, apiKey, apiSecret, embedded } = server;
  const rooms = new Map<string, Room>();
  const leaving = new Set<Promise<void>>();
  const controls: InferenceControls = { stalled: false, lagMs: 0 };
  const warn = (text: string) => eventsSubject.next({ type: 'warning', text });

  const mediaFailure = (message: string) => new DecartError({ code: 'WEBRTC_SERVER_ERROR', message });

  const tokenFor = ({ room, identity, canPublish, canSubscribe }: TokenRequest): Promise<string> =>
    createAccessToken({ apiKey, apiSecret, room, identity, canPublish, canSubscribe, ttlSeconds: TOKEN_TTL_SECONDS });

  function attachEcho(echoing: NonNullable<RoomServer['embedded']>, room: string): void {
    echoing.attachEcho(room, INFERENCE_IDENTITY, () => eventsSubject.next({ type: 'media.started', room }));
    echoing.faults.stallEcho(room, controls.stalled);
    echoing.faults.echoLagMs(room, controls.lagMs);
  }

  function join(room: string, token: string, { pixelLatency, avatar }: OpenRoom): RoomInference {
    return joinInference({
      url,
      token,
      restyles: mode === 'restyle',
      pixelLatency,
      avatar,
      controls,
      onMedia: () => eventsSubject.next({ type: 'media.started', room }),
      onFailed: (error) => warn(`The inference of ${room} failed: ${error instanceof Error ? error.message : error}`),
    });
  }

  async function openRoom(request: OpenRoom): Promise<RoomAccess> {
    const { room: name, identity, avatar } = request;
    const echoes = embedded !== null && mode === 'echo' && !avatar;
    const room = roomOf(name);
    room.client = identity;
    if (echoes) attachEcho(embedded, name);
    const access = { room: name, canPublish: true, canSubscribe: true };
    const [client, inference] = await Promise.all([
      tokenFor({ ...access, identity }),
      tokenFor({ ...access, identity: INFERENCE_IDENTITY }),
    ]);
    // A client can be gone before its room is there.
    if (rooms.get(name) !== room) throw mediaFailure('The room was closed while it was being opened.');
    if (!echoes) {
      room.inference = join(name, inference, request);
      room.inference.changeStyle(room.style);
    }
    return { url: clientUrl, token: client };
  }

  async function answerOffer({ sdp, ...peer }: PeerOffer): Promise<{ sdp: string }> {
    if (embedded === null) throw mediaFailure('Direct WebRTC needs the embedded media server.');
    if (!rooms.has(peer.room)) throw mediaFailure('The room is closed.');
    const answer = embedded.answer(sdp, peer);
    if (answer === undefined) throw mediaFailure('The offer is no SDP.');
    return { sdp: answer };
  }

  /** A style may come before its room: it does not wait in the queue. */
  function roomOf(name: string): Room {
    const known = rooms.get(name);
    if (known !== undefined) return known;
    const room: Room = { client: null, inference: null, style: {} };
    rooms.set(name, room);
    return room;
  }

  function changeStyle(name: string, style: RoomStyle): void {
    const room = roomOf(name);
    if (room.inference === null) room.style = { ...room.style, ...style };
    else room.inference.changeStyle(style);
  }

  function closeRoom(name: string): void {
    const room = rooms.get(name);
    rooms.delete(name);
    if (room?.inference) {
      const left = room.inference.close().finally(() => leaving.delete(left));
      leaving.add(left);
    }
    server.closeRoom(name);
  }

  function fault(ordered: MediaFault): void {
    if (ordered.kind === 'stall-inference') {
      controls.stalled = ordered.stalled;
      if (mode === 'echo') for (const room of rooms.keys()) embedded?.faults.stallEcho(room, ordered.stalled);
      return;
    }
    if (ordered.kind === 'inference-lag') {
      controls.lagMs = ordered.lagMs;
      if (mode === 'echo') for (const room of rooms.keys()) embedded?.faults.echoLagMs(room, ordered.lagMs);
      return;
    }
    server.fault(ordered, (room) => rooms.get(room)?.client ?? null);
  }

  async function close(): Promise<void> {
    for (const room of [...rooms.keys()]) closeRoom(room);
    await Promise.all(leaving);
    await server.close();
    await native?.release();
    eventsSubject.complete();
  }

  let closing: Promise<void> | null = null;
  return {
    url: clientUrl,
    events$: eventsSubject.asObservable(),
    openRoom,
    createToken: async (request) => ({ url: clientUrl, token: await tokenFor(request) }),
    answerOffer,
    removePeer: (room, identity) => server.removePeer(room, identity),
    changeStyle,
    closeRoom,
    fault,
    stats: async () => ({
      rooms: rooms.size,
      ...server.stats(),
      process: processUse(),
    }),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

function processUse() {
  const { user, system } = process.cpuUsage();
  return { pid: process.pid, rssBytes: process.memoryUsage.rss(), cpuMs: (user + system) / 1_000 };
}

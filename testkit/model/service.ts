import type { SchedulerLike } from 'rxjs';
import type { ServerMessage } from '../../core/protocol/server-messages.js';
import type { MemoryRoom, MemorySocket } from '../../transports/memory/index.js';
import type { Chance } from './schedule.js';

/** How a service and its network behave, each time anew by chance. */
interface Temper {
  /** Longest usual delay of an answer. */
  readonly delayMs: number;
  /** Share of answers that come very late, that are lost, that refuse, that are given twice. */
  readonly late: number;
  readonly lost: number;
  readonly refused: number;
  readonly twice: number;
}

const tempers: readonly Temper[] = [
  { delayMs: 30, late: 0, lost: 0, refused: 0.05, twice: 0 },
  { delayMs: 30, late: 0.05, lost: 0, refused: 0.1, twice: 0.1 },
  { delayMs: 400, late: 0.15, lost: 0.1, refused: 0.1, twice: 0.1 },
  { delayMs: 5000, late: 0.3, lost: 0.2, refused: 0.2, twice: 0.2 },
];

/** Late, and yet within the time for which a late ack is waited for. */
const LATE_MS = 55_000;

/** A prompt or an image as the service has received it. */
export interface Received {
  readonly socket: MemorySocket;
  /** Whose it is: a request's id, or the handshake's initial state. */
  readonly owner: number | 'initial';
  readonly kind: 'prompt' | 'image';
  /** Absent: the message leaves it as it is. */
  readonly prompt: string | null | undefined;
  readonly image: string | null | undefined;
  /** What the service has answered, once that has arrived. */
  answer: 'accepted' | 'refused' | null;
}

export interface ServiceDeps {
  readonly chance: Chance;
  readonly scheduler: SchedulerLike;
  /** Whose the next prompt or image on the wire is. */
  nextOwner(): number | 'initial';
  received(item: Received): void;
  joined(socket: MemorySocket, hasInitialState: boolean): void;
  /** The answer arrives at the client right behind this. */
  answering(item: Received): void;
  /** An answer will never come: from here on nobody can tell for sure what the service shows. */
  losing(item: Received): void;
  queueing(isQueued: boolean): void;
}

/** The service and the network: they answer whatever the client does, or not. */
export interface ModelService {
  onSocket(socket: MemorySocket): void;
  onRoom(room: MemoryRoom): void;
  say(socket: MemorySocket, message: ServerMessage): void;
  /** Puts whoever waits for room info into the queue for a while. */
  queue(socket: MemorySocket): void;
}

export const modelRoomInfo: ServerMessage = {
  type: 'livekit_room_info',
  livekit_url: 'ws://127.0.0.1:7880',
  token: 'room-token',
  room_name: 'room',
  session_id: 'session',
};

export function createModelService(deps: ServiceDeps): ModelService {
  const { chance, scheduler } = deps;
  const temper: Temper = chance.pick(tempers);
  /** When the last answer of each kind is due: answers to equal things come in the order of the questions. */
  const due = new WeakMap<MemorySocket, Map<string, number>>();

  const later = (job: () => void, delayMs: number): void => void scheduler.schedule(job, delayMs);
  const usual = (): number => 1 + chance.below(temper.delayMs);
  const say: ModelService['say'] = (socket, message) => {
    if (socket.state === 'open') socket.deliver(JSON.stringify(message));
  };

  function take(socket: MemorySocket, frame: string): void {
    const message = JSON.parse(frame) as Record<string, unknown> & { type: string };
    if (message.type === 'livekit_join') {
      const bundled = message.initial_state as (Record<string, unknown> & { type: string }) | null | undefined;
      deps.joined(socket, message.passthrough === false || (bundled !== undefined && bundled !== null));
      if (bundled) takeWish(socket, bundled, 'initial');
      return answerJoin(socket);
    }
    takeWish(socket, message, deps.nextOwner());
  }

  function answerJoin(socket: MemorySocket): void {
    if (chance.is(temper.lost)) return;
    if (chance.is(0.1)) later(() => queue(socket), usual());
    const times = chance.is(temper.twice) ? 2 : 1;
    for (let n = 0; n < times; n += 1) later(() => tellRoom(socket), usual());
  }

  function tellRoom(socket: MemorySocket): void {
    if (socket.state === 'open') deps.queueing(false);
    say(socket, modelRoomInfo);
  }

  function queue(socket: MemorySocket): void {
    if (socket.state !== 'open') return;
    say(socket, { type: 'queue_position', position: 1 + chance.below(5), queue_size: 5 });
    deps.queueing(true);
    later(() => tellRoom(socket), chance.is(0.5) ? usual() : 100_000);
  }

  function takeWish(socket: MemorySocket, message: Record<string, unknown>, owner: Received['owner']): void {
    const kind = message.type === 'prompt' ? 'prompt' : 'image';
    const item: Received = {
      socket,
      owner,
      kind,
      prompt: message.prompt as string | null | undefined,
      image: (message.image_data ?? message.image_ref ?? (kind === 'image' ? null : undefined)) as Received['image'],
      answer: null,
    };
    deps.received(item);
    if (chance.is(temper.lost)) return deps.losing(item);
    const lane = kind === 'image' ? 'image' : `prompt ${item.prompt}`;
    const lanes = due.get(socket) ?? new Map<string, number>();
    due.set(socket, lanes);
    const delayMs = chance.is(temper.late) ? 10_000 + chance.below(LATE_MS - 10_000) : usual();
    const at = Math.max(lanes.get(lane) ?? 0, scheduler.now() + delayMs);
    lanes.set(lane, at);
    // Waiting for one another must not make it later than is waited for.
    if (at - scheduler.now() > LATE_MS) return deps.losing(item);
    const success = !chance.is(temper.refused);
    later(() => answer(item, success), at - scheduler.now());
  }

  function answer(item: Received, success: boolean): void {
    const { socket, kind, prompt } = item;
    if (socket.state !== 'open') return;
    item.answer = success ? 'accepted' : 'refused';
    deps.answering(item);
    const error = success ? null : 'The service does not like it.';
    if (kind === 'image') say(socket, { type: 'set_image_ack', success, error });
    else say(socket, { type: 'prompt_ack', prompt: prompt ?? '', success, error });
  }

  return {
    say,
    queue,
    onSocket(socket) {
      socket.received$.subscribe((frame) => take(socket, frame));
      if (chance.is(temper.lost / 2)) return;
      const refusal = chance.is(temper.refused) ? chance.pick([503, 502, 401]) : null;
      later(() => {
        if (socket.state !== 'connecting') return;
        if (refusal === null) socket.accept();
        else socket.refuse(refusal);
      }, usual());
    },
    onRoom(room) {
      const accept = (): void => {
        if (room.state !== 'joining') return;
        if (chance.is(temper.refused)) return room.fail({ code: 'WEBRTC_ICE_ERROR', message: 'No way in.' });
        room.accept({ publish: false });
        later(publish, usual());
      };
      const publish = (): void => {
        if (room.state !== 'joined') return;
        room.acceptPublished();
        later(start, usual());
      };
      const start = (): void => {
        if (room.state !== 'published') return;
        room.publishRemote();
        room.firstFrame();
      };
      if (!chance.is(temper.lost / 2)) later(accept, usual());
    },
  };
}

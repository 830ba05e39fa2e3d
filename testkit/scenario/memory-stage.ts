import { asapScheduler, type SchedulerLike } from 'rxjs';
import {
  createMemoryNetwork,
  type MemoryNetwork,
  type MemoryRoom,
  type MemorySocket,
} from '../../transports/memory/index.js';
import { playVideo } from '../memory-video.js';
import type { Scenario } from './builder.js';
import { decodeScenario } from './parse.js';
import { runScenario, type ScenarioPlay, type ScenarioRunner, type ScenarioStage } from './run.js';
import type { ScenarioFault, ScenarioStep } from './step.js';

export interface ScenarioNetworkOptions {
  /** Time of the script and of the network. Default `asapScheduler`. */
  readonly scheduler?: SchedulerLike;
}

/** A network in memory whose service follows a script. */
export interface ScenarioNetwork extends ScenarioPlay {
  /** For `createMemoryPlatform({ network })`. */
  readonly network: MemoryNetwork;
}

interface Seat {
  readonly socket: MemorySocket;
  room: MemoryRoom | null;
  changeVideo: ReturnType<typeof playVideo> | null;
}

/**
 * Plays a script in memory: in virtual time, if the scheduler's is.
 * @throws DecartError INVALID_INPUT when it is no script
 *
 * @example
 * ```ts
 * const service = scenarioNetwork(scenario().expectJoin().roomInfo().serve(), { scheduler });
 * const client = createDecartClient({ apiKey: 'test', scheduler }, createMemoryPlatform(service));
 * ```
 */
export function scenarioNetwork(
  script: Scenario | readonly ScenarioStep[],
  { scheduler = asapScheduler }: ScenarioNetworkOptions = {},
): ScenarioNetwork {
  const seats = new Map<number, Seat>();
  const stage = memoryStage(seats, scheduler, () => runner);
  const runner: ScenarioRunner = runScenario(decodeScenario(script).steps, stage, scheduler);
  const network = createMemoryNetwork({
    scheduler,
    onSocket: (socket) => {
      const number = seats.size + 1;
      seats.set(number, { socket, room: null, changeVideo: null });
      socket.received$.subscribe({
        next: (frame) => runner.received(number, frame),
        complete: () => {
          const { code, reason } = socket.closedByClient ?? { code: 1006, reason: '' };
          runner.closed(number, code, reason);
          leaveRoom(seats.get(number));
        },
      });
      runner.connecting(number, new URL(socket.url).searchParams);
    },
    onRoom: (room) => {
      const number = Number(room.request.token.slice(TOKEN.length));
      const seat = seats.get(number);
      if (seat === undefined || seat.socket.state !== 'open') {
        room.fail({ code: 'WEBRTC_ICE_ERROR', message: 'There is no such room.' });
        return;
      }
      seat.room = room;
      seat.changeVideo = playVideo(room, scheduler);
      room.publishRemote();
      room.accept();
      room.firstFrame();
      if (room.videoTrack !== null) runner.mediaStarted(number);
    },
  });
  const { status$, finished, assertComplete } = runner.play;
  return {
    network,
    status$,
    finished,
    assertComplete,
    get transcript() {
      return runner.play.transcript;
    },
  };
}

const TOKEN = 'room-token-';

function memoryStage(
  seats: ReadonlyMap<number, Seat>,
  scheduler: SchedulerLike,
  runner: () => ScenarioRunner,
): ScenarioStage {
  return {
    accept: (number) => seats.get(number)?.socket.accept(),
    refuse: (number, status) => seats.get(number)?.socket.refuse(status),
    send: (number, data) => seats.get(number)?.socket.deliver(data),
    close: (number, code, reason) => seats.get(number)?.socket.closeByServer(code === 1005 ? 1006 : code, reason),
    openRoom: (number) => {
      // Never from inside the call that sent the join, as on a network.
      scheduler.schedule(() =>
        runner().roomOpened(number, {
          url: 'memory://room',
          token: `${TOKEN}${number}`,
          name: `room-${number}`,
          sessionId: `session-${number}`,
        }),
      );
    },
    // Nothing is seen in memory.
    changeLook: () => {},
    fault: (number, fault) => applyFault(seats.get(number), fault),
  };
}

function applyFault(seat: Seat | undefined, fault: ScenarioFault): void {
  const room = seat?.room ?? null;
  if (room === null || room.state !== 'published') return;
  switch (fault.kind) {
    case 'kick-from-room':
      room.lose({ code: 'WEBRTC_ICE_ERROR', message: 'The server removed the client from the room.' });
      break;
    case 'cut-media-signalling':
    case 'force-full-reconnect':
      room.reconnecting();
      room.reconnected();
      break;
    case 'stall-inference':
      seat?.changeVideo?.({ receivedFps: fault.stalled ? 0 : 30 });
      break;
    default:
  }
}

/** A room does not outlive its session. */
function leaveRoom(seat: Seat | undefined): void {
  if (seat?.room?.state === 'published') {
    seat.room.lose({ code: 'WEBRTC_ICE_ERROR', message: 'The room was closed.' });
  }
}

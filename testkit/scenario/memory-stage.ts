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
import type { ScenarioFault, ScenarioMediaEvent, ScenarioStep } from './step.js';

/** What a script is played with. */
export interface ScenarioNetworkOptions {
  /** Time of the script and of the network. @default asapScheduler */
  readonly scheduler?: SchedulerLike | undefined;
}

/** A network in memory whose service follows a script. */
export interface ScenarioNetwork extends ScenarioPlay {
  /** For `createMemoryPlatform({ network })`. */
  readonly network: MemoryNetwork;
}

/** A client on its socket, and in its room. */
interface Connection {
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
 * import { createDecartClient } from 'decart-rx';
 * import { createMemoryPlatform, scenario, scenarioNetwork } from 'decart-rx/testkit';
 * import { VirtualTimeScheduler } from 'rxjs';
 *
 * const scheduler = new VirtualTimeScheduler();
 * const service = scenarioNetwork(scenario().expectJoin().roomInfo().serve(), { scheduler });
 * const client = createDecartClient({ apiKey: 'test', scheduler }, createMemoryPlatform(service));
 * ```
 */
export function scenarioNetwork(
  script: Scenario | readonly ScenarioStep[],
  { scheduler = asapScheduler }: ScenarioNetworkOptions = {},
): ScenarioNetwork {
  const connections = new Map<number, Connection>();
  const stage = memoryStage(connections, scheduler, () => runner);
  const { steps } = decodeScenario(script);
  const decidesMedia = steps.some(({ step }) => step === 'media');
  const runner: ScenarioRunner = runScenario(steps, stage, scheduler);
  const network = createMemoryNetwork({
    scheduler,
    onSocket: (socket) => {
      const number = connections.size + 1;
      connections.set(number, { socket, room: null, changeVideo: null });
      socket.received$.subscribe({
        next: (frame) => runner.received(number, frame),
        complete: () => {
          const { code, reason } = socket.closedByClient ?? { code: 1006, reason: '' };
          runner.closed(number, code, reason);
          leaveRoom(connections.get(number));
        },
      });
      runner.connecting(number, new URL(socket.url).searchParams);
    },
    onRoom: (room) => {
      const isDirect = room.request.iceServers !== undefined;
      const number = isDirect ? connections.size : ownerOf(room.request.token, connections);
      const connection = connections.get(number);
      if (connection === undefined || connection.socket.state !== 'open') {
        room.fail({ code: 'WEBRTC_ICE_ERROR', message: 'There is no such room.' });
        return;
      }
      connection.room = room;
      connection.changeVideo = playVideo(room, scheduler);
      const come = (): void => {
        if (decidesMedia || room.state !== 'joining') return;
        room.publishRemote();
        room.accept();
        room.firstFrame();
        if (room.videoTrack !== null) runner.mediaStarted(number);
      };
      if (!isDirect) return come();
      scheduler.schedule(() => room.signal({ type: 'offer', sdp: NO_SECTIONS }));
      room.signals$.subscribe(({ type }) => type === 'answer' && scheduler.schedule(come));
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

/** A description of a session with nothing in it. */
const NO_SECTIONS = 'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n';

const TOKEN = 'room-token-';

/** The socket whose room this token is for. A script that sends a token of its own sends it on the latest socket. */
const ownerOf = (token: string | undefined, connections: ReadonlyMap<number, Connection>): number =>
  token?.startsWith(TOKEN) ? Number(token.slice(TOKEN.length)) : connections.size;

function memoryStage(
  connections: ReadonlyMap<number, Connection>,
  scheduler: SchedulerLike,
  runner: () => ScenarioRunner,
): ScenarioStage {
  return {
    accept: (number) => connections.get(number)?.socket.accept(),
    refuse: (number, status) => connections.get(number)?.socket.refuse(status),
    send: (number, data) => connections.get(number)?.socket.deliver(data),
    close: (number, code, reason) => connections.get(number)?.socket.closeByServer(code === 1005 ? 1006 : code, reason),
    media: (number, event) => {
      const connection = connections.get(number);
      if (connection?.room) happenIn(connection.room, event, () => runner().mediaStarted(number));
    },
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
    answerOffer: (number) => void scheduler.schedule(() => runner().offerAnswered(number, NO_SECTIONS)),
    // Nothing is seen in memory.
    changeStyle: () => {},
    fault: (number, fault) => applyFault(connections.get(number), fault),
  };
}

function happenIn(room: MemoryRoom, event: ScenarioMediaEvent, mediaStarted: () => void): void {
  switch (event) {
    case 'joined':
      room.accept({ publish: false });
      break;
    case 'published':
      room.acceptPublished();
      if (room.videoTrack !== null) mediaStarted();
      break;
    case 'stream':
      room.publishRemote();
      break;
    case 'lost':
      room.lose({ code: 'WEBRTC_ICE_ERROR', message: 'The media connection failed.' });
      break;
  }
}

function applyFault(connection: Connection | undefined, fault: ScenarioFault): void {
  const room = connection?.room ?? null;
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
      connection?.changeVideo?.({ receivedFps: fault.stalled ? 0 : 30 });
      break;
    default:
  }
}

/** A room does not outlive its session. */
function leaveRoom(connection: Connection | undefined): void {
  if (connection?.room?.state === 'published') {
    connection.room.lose({ code: 'WEBRTC_ICE_ERROR', message: 'The room was closed.' });
  }
}

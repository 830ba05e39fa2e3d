// Lets a script be the service on real sockets.
import type { SchedulerLike } from 'rxjs';
import type { WebSocket } from 'ws';
import { runScenario, type ScenarioPlay, type ScenarioRunner } from '../../scenario/run.js';
import type { ScenarioFault, ScenarioStep } from '../../scenario/step.js';
import type { Journal } from '../journal.js';
import type { MediaService } from '../media/media-service.js';
import { lookOf } from './look.js';
import type { SessionPhase } from './session.js';
import type { SessionHost, SessionRequest } from './session-host.js';
import { dropSocket, recordOf, toBytes } from './wire.js';

export interface ScenarioHostContext {
  readonly media: MediaService;
  readonly journal: Journal;
  readonly scheduler: SchedulerLike;
  readonly readFile: (fileId: string) => Uint8Array | null;
  readonly applyFault: (fault: ScenarioFault & { readonly sessionId?: string }) => void;
}

/** A client that wants a socket. Either answer is given at once. */
export interface Knock {
  readonly request: SessionRequest;
  readonly query: URLSearchParams;
  readonly sessionId: string;
  readonly roomName: string;
  /** Opens the socket and registers what runs on it. */
  accept(run: (socket: WebSocket) => SessionHost): void;
  refuse(status: number): void;
}

export interface ScenarioHost {
  readonly play: ScenarioPlay;
  knock(knock: Knock): void;
  stop(): void;
}

interface Seat {
  readonly knock: Knock;
  readonly startedAtMs: number;
  readonly socket: WebSocket;
}

export function hostScenario(steps: readonly ScenarioStep[], context: ScenarioHostContext): ScenarioHost {
  const { media, journal, scheduler, applyFault, readFile } = context;
  const knocks = new Map<number, Knock>();
  const seats = new Map<number, Seat>();

  const runner: ScenarioRunner = runScenario(
    steps,
    {
      accept: (number) => knocks.get(number)?.accept((socket) => host(number, socket)),
      refuse: (number, status) => knocks.get(number)?.refuse(status),
      send: (number, data) => write(seats.get(number)?.socket, data),
      close: (number, code, reason) => {
        const seat = seats.get(number);
        if (seat) dropSocket(seat.socket, code, reason);
      },
      openRoom,
      changeLook: (number, change) => {
        const seat = seats.get(number);
        if (seat) media.changeLook(seat.knock.roomName, lookOf(change, readFile));
      },
      fault: (number, fault) => {
        const sessionId = seats.get(number)?.knock.sessionId;
        applyFault(isAboutOne(fault) && sessionId !== undefined ? { ...fault, sessionId } : fault);
      },
    },
    scheduler,
  );

  function openRoom(number: number): void {
    const seat = seats.get(number);
    if (seat === undefined) return;
    const { request, roomName: name, sessionId } = seat.knock;
    media.openRoom({ room: name, identity: `client-${sessionId}`, pixelLatency: request.pixelLatency }).then(
      (access) => {
        if (seats.has(number)) publish(seat, 'in-room');
        runner.roomOpened(number, { ...access, name, sessionId });
      },
      (error: unknown) => runner.roomFailed(number, error instanceof Error ? error.message : String(error)),
    );
  }

  function publish({ knock, startedAtMs }: Seat, phase: SessionPhase): void {
    const { request, roomName, sessionId: id } = knock;
    const unknown = { position: 0, prompt: null, image: 'none', seconds: 0 } as const;
    journal.update({ id, ...request, roomName, phase, ...unknown, startedAtMs });
  }

  function host(number: number, socket: WebSocket): SessionHost {
    const knock = knocks.get(number);
    if (knock === undefined) throw new Error('The scenario has accepted a client that did not come.');
    const { sessionId, roomName } = knock;
    const seat: Seat = { knock, startedAtMs: scheduler.now(), socket };
    seats.set(number, seat);
    const closed = new Promise<void>((resolve) => {
      socket.once('close', (code, reason) => {
        seats.delete(number);
        runner.closed(number, code, reason.toString('utf8'));
        media.closeRoom(roomName);
        journal.remove(sessionId);
        resolve();
      });
    });
    // 'close' follows every error; there is nothing else to do about one.
    socket.on('error', () => {});
    socket.on('message', (data, isBinary) => {
      const bytes = toBytes(data);
      const input = isBinary ? bytes : bytes.toString('utf8');
      journal.record({ sessionId, atMs: scheduler.now(), ...recordOf(input) }, bytes.length);
      runner.received(number, input);
    });
    publish(seat, 'awaiting-join');
    return {
      sessionId,
      roomName,
      dispatch: (event) => {
        if (event.type === 'media.started') runner.mediaStarted(number);
        if (event.type === 'room.failed') runner.roomFailed(number, event.reason);
      },
      sendRaw: (data) => write(socket, data),
      drop: (code, reason) => dropSocket(socket, code, reason),
      closed,
    };
  }

  let count = 0;
  return {
    play: runner.play,
    knock: (knock) => {
      count += 1;
      knocks.set(count, knock);
      runner.connecting(count, knock.query);
      knocks.delete(count);
    },
    stop: () => runner.stop(),
  };
}

function write(socket: WebSocket | undefined, data: string | Uint8Array): void {
  if (socket?.readyState === socket?.OPEN) socket?.send(data);
}

const isAboutOne = ({ kind }: ScenarioFault): boolean =>
  kind === 'kick-from-room' || kind === 'cut-media-signalling' || kind === 'force-full-reconnect';

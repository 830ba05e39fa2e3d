// Lets a script be the service on real sockets.
import type { SchedulerLike } from 'rxjs';
import type { WebSocket } from 'ws';
import { isAvatarModel } from '../../../core/models.js';
import { runScenario, type ScenarioPlay, type ScenarioRunner } from '../../scenario/run.js';
import type { ScenarioFault, ScenarioStep } from '../../scenario/step.js';
import type { Journal } from '../journal.js';
import type { MediaService, RoomAccess } from '../media/media-service.js';
import type { SessionPhase } from './session.js';
import type { SessionHost, SessionRequest } from './session-host.js';
import { styleOf } from './style.js';
import { dropSocket, recordOf, toBytes } from './wire.js';

export interface ScenarioHostContext {
  readonly media: MediaService;
  readonly journal: Journal;
  readonly scheduler: SchedulerLike;
  readonly readFile: (fileId: string) => Uint8Array | null;
  readonly applyFault: (fault: ScenarioFault & { readonly sessionId?: string }) => void;
}

/** A client that asks for a socket. It is accepted or refused once, now or later. */
export interface ConnectRequest {
  readonly request: SessionRequest;
  readonly query: URLSearchParams;
  readonly sessionId: string;
  readonly roomName: string;
  /** Opens the socket and registers what runs on it. */
  accept(run: (socket: WebSocket) => SessionHost): void;
  refuse(status: number): void;
  /** Runs this when the client's connection ends. */
  onGone(run: () => void): void;
}

const ABNORMAL_CLOSURE = 1006;
const REMOVED = 1011;

export interface ScenarioHost {
  readonly play: ScenarioPlay;
  connect(request: ConnectRequest): void;
  stop(): void;
}

/** A client on its socket. */
interface Connection {
  readonly from: ConnectRequest;
  readonly startedAtMs: number;
  readonly socket: WebSocket;
  /** Direct WebRTC: the room that its peer connection is in. */
  peerRoom: Promise<unknown> | null;
}

export function hostScenario(steps: readonly ScenarioStep[], context: ScenarioHostContext): ScenarioHost {
  const { media, journal, scheduler, applyFault, readFile } = context;
  const requests = new Map<number, ConnectRequest>();
  const connections = new Map<number, Connection>();

  const runner: ScenarioRunner = runScenario(
    steps,
    {
      accept: (number) => {
        const request = take(number);
        request?.accept((socket) => host(number, request, socket));
      },
      refuse: (number, status) => take(number)?.refuse(status),
      send: (number, data) => write(connections.get(number)?.socket, data),
      close: (number, code, reason) => {
        const connection = connections.get(number);
        if (connection) dropSocket(connection.socket, code, reason);
      },
      media: (number, event) => {
        const sessionId = connections.get(number)?.from.sessionId;
        if (event === 'lost' && sessionId !== undefined) applyFault({ kind: 'kick-from-room', sessionId });
      },
      openRoom,
      answerOffer,
      changeStyle: (number, change) => {
        const connection = connections.get(number);
        if (connection) media.changeStyle(connection.from.roomName, styleOf(change, readFile));
      },
      fault: (number, fault) => {
        const sessionId = connections.get(number)?.from.sessionId;
        applyFault(isAboutOne(fault) && sessionId !== undefined ? { ...fault, sessionId } : fault);
      },
    },
    scheduler,
  );

  /** Each request is answered once. */
  function take(number: number): ConnectRequest | undefined {
    const request = requests.get(number);
    requests.delete(number);
    return request;
  }

  const identityOf = ({ from }: Connection): string => `client-${from.sessionId}`;
  const failed =
    (number: number) =>
    (error: unknown): void =>
      runner.roomFailed(number, error instanceof Error ? error.message : String(error));

  function enterRoom(number: number, connection: Connection): Promise<RoomAccess> {
    const { request, roomName: room } = connection.from;
    const { model, pixelLatency } = request;
    const opening = media.openRoom({
      room,
      identity: identityOf(connection),
      pixelLatency,
      avatar: isAvatarModel(model),
    });
    return opening.then((access) => {
      if (connections.has(number)) publish(connection, 'in-room');
      return access;
    });
  }

  function openRoom(number: number): void {
    const connection = connections.get(number);
    if (connection === undefined) return;
    const { roomName: name, sessionId } = connection.from;
    enterRoom(number, connection).then(
      (access) => runner.roomOpened(number, { ...access, name, sessionId }),
      failed(number),
    );
  }

  function answerOffer(number: number, sdp: string): void {
    const connection = connections.get(number);
    if (connection === undefined) return;
    connection.peerRoom ??= enterRoom(number, connection);
    const room = connection.from.roomName;
    connection.peerRoom
      .then(() => media.answerOffer({ room, identity: identityOf(connection), canPublish: true, sdp }))
      .then((answer) => runner.offerAnswered(number, answer.sdp), failed(number));
  }

  function publish({ from, startedAtMs }: Connection, phase: SessionPhase): void {
    const { request, roomName, sessionId: id } = from;
    const unknown = { position: 0, prompt: null, image: 'none', seconds: 0 } as const;
    journal.update({ id, ...request, roomName, phase, ...unknown, startedAtMs });
  }

  function host(number: number, from: ConnectRequest, socket: WebSocket): SessionHost {
    const { sessionId, roomName } = from;
    const connection: Connection = { from, startedAtMs: scheduler.now(), socket, peerRoom: null };
    connections.set(number, connection);
    const closed = new Promise<void>((resolve) => {
      socket.once('close', (code, reason) => {
        connections.delete(number);
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
    publish(connection, 'awaiting-join');
    return {
      sessionId,
      roomName,
      dispatch: (event) => {
        if (event.type === 'media.started') runner.mediaStarted(number);
        if (event.type === 'room.failed') runner.roomFailed(number, event.reason);
        // In a LiveKit room the media server says so.
        if (event.type === 'client.removed' && connection.peerRoom !== null) dropSocket(socket, REMOVED, '');
      },
      sendRaw: (data) => write(socket, data),
      drop: (code, reason) => dropSocket(socket, code, reason),
      closed,
    };
  }

  let count = 0;
  return {
    play: runner.play,
    connect: (request) => {
      count += 1;
      const number = count;
      requests.set(number, request);
      request.onGone(() => {
        if (take(number)) runner.closed(number, ABNORMAL_CLOSURE, '');
      });
      runner.connecting(number, request.query);
    },
    stop: () => runner.stop(),
  };
}

function write(socket: WebSocket | undefined, data: string | Uint8Array): void {
  if (socket?.readyState === socket?.OPEN) socket?.send(data);
}

const isAboutOne = ({ kind }: ScenarioFault): boolean =>
  kind === 'kick-from-room' || kind === 'cut-media-signalling' || kind === 'force-full-reconnect';

// Takes signaling sockets: the upgrade's checks, then one session each.
import { randomUUID } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { RealtimeModels } from '../../../core/models.js';
import type { ScenarioPlay } from '../../scenario/run.js';
import type { Account, Admission } from '../account.js';
import type { KeyRing } from '../key-ring.js';
import type { SimulatorSettings } from '../options.js';
import { hostScenario, type ScenarioHostContext } from './scenario-host.js';
import type { SessionSettings } from './session.js';
import { hostSession, type SessionHost, type SessionHostContext, type SessionRequest } from './session-host.js';

export interface SignalingServer {
  /** For the HTTP server's `upgrade` event. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** The script that is played instead of the usual service; `null`: none. */
  readonly scenario: ScenarioPlay | null;
  /** The sessions whose sockets are open. */
  sessions(): readonly SessionHost[];
  /** Closes every socket, resolves when all are closed. */
  close(): Promise<void>;
}

/** Images travel as base64 in one frame. */
const LARGEST_FRAME_BYTES = 64 * 1024 * 1024;
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;

export interface SignalingContext extends SessionHostContext {
  readonly settings: SimulatorSettings;
  readonly keys: KeyRing;
  readonly account: Account;
  readonly applyFault: ScenarioHostContext['applyFault'];
}

export function createSignalingServer(context: SignalingContext): SignalingServer {
  const { settings, keys, account, faults, media } = context;
  const server = new WebSocketServer({ noServer: true, maxPayload: LARGEST_FRAME_BYTES, perMessageDeflate: false });
  const hosts = new Map<string, SessionHost>();
  const scenario = settings.scenario === null ? null : hostScenario(settings.scenario.steps, context);
  const events = media.events$.subscribe((event) => {
    if (event.type === 'warning') settings.onWarning(event.text);
    if (event.type === 'ended') {
      for (const host of hosts.values()) host.dispatch({ type: 'room.failed', reason: event.reason });
    }
    if (event.type === 'media.started') {
      for (const host of hosts.values()) if (host.roomName === event.room) host.dispatch(event);
    }
  });

  function open(socket: WebSocket, query: URLSearchParams, maxSeconds: number | null): void {
    const model = query.get('model') ?? '';
    const resolution = query.get('resolution');
    const wrong = refusalOf(model, resolution);
    const admission: Admission =
      wrong === null ? account.admit() : { admitted: false, reason: wrong, closeCode: POLICY_VIOLATION };
    const slot = admission.admitted ? admission.slot : null;
    const host = hostSession(socket, requestOf(query), sessionSettings(maxSeconds), slot, context);
    register(host);
    if (!admission.admitted) {
      const { reason, closeCode } = admission;
      host.dispatch({ type: 'session.refused', reason, closeCode });
    }
  }

  function register(host: SessionHost): void {
    hosts.set(host.sessionId, host);
    void host.closed.then(() => hosts.delete(host.sessionId));
  }

  function sessionSettings(maxSeconds: number | null): SessionSettings {
    const { queue, queueIntervalMs, ackDelayMs, tickIntervalMs, strict } = settings;
    return {
      ...newIdentity(),
      queue,
      queueIntervalMs,
      ackDelayMs,
      tickIntervalMs,
      generationStart: settings.media === 'none' ? 'join' : 'media',
      maxSeconds,
      hasFile: (fileId) => !strict || context.readFile(fileId) !== null,
    };
  }

  function refusalOf(model: string, resolution: string | null): string | null {
    if (model === '') return 'Model not found: the query names none';
    if (RealtimeModels.fromName(model) === undefined && !settings.models.includes(model)) {
      return `Model not found: ${model.slice(0, 64)}`;
    }
    if (resolution !== null && resolution !== '720p' && resolution !== '1080p') return 'Unknown resolution';
    return null;
  }

  return {
    upgrade: (request, socket, head) => {
      // A client that goes away while it is being refused.
      socket.on('error', () => {});
      const query = new URL(request.url ?? '/', 'ws://localhost').searchParams;
      const planned = faults.nextUpgrade();
      if (planned !== null) {
        refuse(socket, planned.status, STATUS_CODES[planned.status] ?? 'Refused');
        return;
      }
      const verdict = keys.check({
        key: query.get('api_key') ?? '',
        model: query.get('model'),
        origin: request.headers.origin ?? null,
      });
      if (!verdict.accepted) {
        refuse(socket, verdict.status, verdict.reason);
        return;
      }
      if (scenario === null) {
        server.handleUpgrade(request, socket, head, (ws) => open(ws, query, verdict.maxSessionSeconds));
        return;
      }
      scenario.knock({
        request: requestOf(query),
        query,
        ...newIdentity(),
        accept: (run) => server.handleUpgrade(request, socket, head, (ws) => register(run(ws))),
        refuse: (status) => refuse(socket, status, STATUS_CODES[status] ?? 'Refused'),
      });
    },
    scenario: scenario?.play ?? null,
    sessions: () => [...hosts.values()],
    close: async () => {
      const open = [...hosts.values()];
      for (const host of open) host.drop(GOING_AWAY, 'simulator closed');
      await Promise.all(open.map((host) => host.closed));
      events.unsubscribe();
      scenario?.stop();
      server.close();
    },
  };
}

function newIdentity() {
  const id = randomUUID();
  return { sessionId: `session-${id}`, roomName: `room-${id}` };
}

const requestOf = (query: URLSearchParams): SessionRequest => ({
  model: query.get('model') ?? '',
  resolution: query.get('resolution'),
  pixelLatency: query.get('pixel_latency') === '1',
});

function refuse(socket: Duplex, status: number, reason: string): void {
  const body = JSON.stringify({ error: reason });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\n` +
      'Connection: close\r\nContent-Type: application/json\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

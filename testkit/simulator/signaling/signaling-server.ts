// Takes signaling sockets: the upgrade's checks, then one session each.
import { randomUUID } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ScenarioPlay } from '../../scenario/run.js';
import type { Account, Admission } from '../account.js';
import type { KeyRing } from '../key-ring.js';
import type { SimulatorSettings } from '../options.js';
import { isRealtimeModel } from '../served-models.js';
import { refuseUpgrade } from '../sfu/connections.js';
import { parseUrl } from '../sfu/http.js';
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

import { hostViewer, type ViewerHost } from './viewer-host.js';

/** Images travel as base64 in one frame. */
const LARGEST_FRAME_BYTES = 64 * 1024 * 1024;
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;

/** Viewers of direct WebRTC sessions come here. */
const SUBSCRIBE_PATH = '/subscribe/';
/** Names that models had in direct WebRTC mode. */
const DIRECT_MODELS: ReadonlySet<string> = new Set([
  'lucy_2_rt',
  'mirage',
  'mirage_v2',
  'lucy_v2v_720p_rt',
  'live_avatar',
  'live-avatar',
]);

type SessionLimits = Pick<SessionSettings, 'maxSeconds' | 'serverAddress'>;

export interface SignalingContext extends SessionHostContext {
  readonly settings: SimulatorSettings;
  readonly keys: KeyRing;
  readonly account: Account;
  /** Whether an uploaded file is still there. */
  readonly hasFile: (fileId: string) => boolean;
  readonly applyFault: ScenarioHostContext['applyFault'];
}

export function createSignalingServer(context: SignalingContext): SignalingServer {
  const { settings, keys, account, faults, media } = context;
  const server = new WebSocketServer({ noServer: true, maxPayload: LARGEST_FRAME_BYTES, perMessageDeflate: false });
  const hosts = new Map<string, SessionHost>();
  const viewers = new Set<ViewerHost>();
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

  function open(socket: WebSocket, query: URLSearchParams, limits: SessionLimits): void {
    const model = query.get('model') ?? '';
    const resolution = query.get('resolution');
    const wrong = refusalOf(model, resolution);
    const admission: Admission =
      wrong === null ? account.admit() : { admitted: false, reason: wrong, closeCode: POLICY_VIOLATION };
    const slot = admission.admitted ? admission.slot : null;
    const host = hostSession(socket, requestOf(query), sessionSettings(limits), slot, context);
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

  function watch(socket: WebSocket, watched: SessionHost): void {
    const viewer = hostViewer(socket, watched, media);
    viewers.add(viewer);
    void viewer.closed.then(() => viewers.delete(viewer));
  }

  function sessionSettings(limits: SessionLimits): SessionSettings {
    const { queue, queueIntervalMs, ackDelayMs, tickIntervalMs } = settings;
    return {
      ...newIdentity(),
      queue,
      queueIntervalMs,
      ackDelayMs,
      tickIntervalMs,
      generationStart: settings.media === 'none' ? 'join' : 'media',
      ...limits,
      hasFile: context.hasFile,
    };
  }

  function refusalOf(model: string, resolution: string | null): string | null {
    if (model === '') return 'Model not found: the query names none';
    const isServed = isRealtimeModel(model) || DIRECT_MODELS.has(model);
    if (!isServed && !settings.models.includes(model)) {
      return `Model not found: ${model.slice(0, 64)}`;
    }
    if (resolution !== null && resolution !== '720p' && resolution !== '1080p') return 'Unknown resolution';
    return null;
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A client that goes away while it is being refused.
    socket.on('error', () => {});
    const url = parseUrl(request.url);
    if (url === undefined) {
      refuse(socket, 400);
      return;
    }
    const { pathname, searchParams: query } = url;
    const planned = faults.nextUpgrade();
    if (planned !== null) {
      refuse(socket, planned.status);
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
    if (pathname.startsWith(SUBSCRIBE_PATH)) {
      const watched = hosts.get(pathname.slice(SUBSCRIBE_PATH.length));
      if (watched === undefined) refuse(socket, 404, 'No such session');
      else server.handleUpgrade(request, socket, head, (ws) => watch(ws, watched));
      return;
    }
    if (scenario === null) {
      const { localAddress = '127.0.0.1', localPort = 0 } = request.socket;
      const serverAddress = { ip: localAddress, port: localPort };
      const limits = { maxSeconds: verdict.maxSessionSeconds, serverAddress };
      server.handleUpgrade(request, socket, head, (ws) => open(ws, query, limits));
      return;
    }
    scenario.connect({
      request: requestOf(query),
      query,
      ...newIdentity(),
      accept: (run) => server.handleUpgrade(request, socket, head, (ws) => register(run(ws))),
      refuse: (status) => refuse(socket, status),
      onGone: (run) => socket.once('close', run),
    });
  }

  return {
    upgrade,
    scenario: scenario?.play ?? null,
    sessions: () => [...hosts.values()],
    close: async () => {
      const open = [...hosts.values(), ...viewers];
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

const refuse = (socket: Duplex, status: number, reason = STATUS_CODES[status] ?? 'Refused'): void =>
  refuseUpgrade(socket, status, JSON.stringify({ error: reason }), 'application/json');

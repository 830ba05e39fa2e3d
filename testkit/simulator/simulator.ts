// As in core/ports/streams.ts.
/// <reference lib="esnext.disposable" preserve="true" />
import type { Observable } from 'rxjs';
import { asyncDispose } from '../../core/ports/streams.js';
import type { ScenarioPlay } from '../scenario/run.js';
import { createAccount } from './account.js';
import { CONTROL_PATH, handleControl } from './control-endpoint.js';
import { createFaults, type SimulatorFaults } from './faults/faults.js';
import { authorityOf, listen, warnUnlessLoopback } from './http-server.js';
import { createJournal, type ReceivedMessage, type SimulatedSession } from './journal.js';
import { createKeyRing } from './key-ring.js';
import type { MediaStats } from './media/media-service.js';
import { startMedia } from './media/start-media.js';
import { readOptions, type SimulatorOptions } from './options.js';
import type { SimulatedJob } from './rest/job-store.js';
import { createRestHandler } from './rest/rest-handler.js';
import { createFaultDeck } from './signaling/fault-deck.js';
import { createSignalingServer } from './signaling/signaling-server.js';
import { startStunResponder } from './stun-responder.js';

/** A running simulator of the whole service. */
export interface Simulator extends AsyncDisposable {
  /** For `createDecartClient({ baseUrl })`: `ws://host:port`. */
  readonly baseUrl: string;
  /** For `createDecartClient({ httpBaseUrl })`: `http://host:port`. */
  readonly httpBaseUrl: string;
  /** For `checkConnectivity({ stunUrls: [stunUrl] })`: `stun:host:port`. The network's faults hold for it, too. */
  readonly stunUrl: string;
  /** The permanent key. */
  readonly apiKey: string;
  /** The latest frames that clients sent, oldest first; up to `receivedLimit` of them and 16 MB in all. */
  readonly received: readonly ReceivedMessage[];
  /** Event-like: no replay. Completes on `close`. */
  readonly received$: Observable<ReceivedMessage>;
  /** State-like: the present sessions, replayed. Completes on `close`. */
  readonly sessions$: Observable<readonly SimulatedSession[]>;
  /** Every job submitted over REST, as it stands, oldest first. */
  readonly jobs: readonly SimulatedJob[];
  /** Makes the service misbehave, now or at its next chance. */
  readonly faults: SimulatorFaults;
  /** The script of the option `scenario` as it is played; `null` without one. */
  readonly scenario: ScenarioPlay | null;
  /** Counters of the media side. */
  stats(): Promise<MediaStats>;
  /** Ends all sessions and frees everything. Resolves when nothing is left, within a second; idempotent. */
  close(): Promise<void>;
}

/**
 * Starts the whole service on this machine: signaling, REST and media.
 *
 * @throws DecartError INVALID_INPUT, `data.field` naming the option at fault (a port in use, too);
 *   WEBRTC_SERVER_ERROR when the media side does not start
 *
 * @example
 * ```ts
 * import { createDecartClient } from 'decart-rx/node';
 * import { startSimulator } from 'decart-rx-simulator';
 *
 * const { apiKey, baseUrl, httpBaseUrl, close } = await startSimulator({ queue: 2 });
 * const client = createDecartClient({ apiKey, baseUrl, httpBaseUrl });
 * // …
 * await client.release();
 * await close();
 * ```
 */
export async function startSimulator(options?: SimulatorOptions): Promise<Simulator> {
  const settings = readOptions(options);
  const { port, host, apiKey, strict, scheduler, receivedLimit, onWarning } = settings;
  const listener = await listen(port, host);
  const { server } = listener;
  const media = await startMedia(settings).catch(async (error: unknown) => {
    await listener.close();
    throw error;
  });
  const stun = await startStunResponder(host).catch(async (error: unknown) => {
    await Promise.all([listener.close(), media.close()]);
    throw error;
  });
  warnUnlessLoopback(host, onWarning);
  const account = createAccount(settings, scheduler);
  const keys = createKeyRing(apiKey, strict, scheduler);
  const journal = createJournal(receivedLimit);
  const deck = createFaultDeck();
  const rest = createRestHandler({
    settings,
    keys,
    media,
    hasRoom: (room) => journal.hasRoom(room),
    quota: account.quota,
  });
  const signaling = createSignalingServer({
    settings,
    keys,
    account,
    media,
    journal,
    scheduler,
    faults: deck,
    hasFile: (fileId) => rest.hasFile(fileId),
    readFile: (fileId) => rest.readFile(fileId),
    applyFault: (fault) => faults.apply(fault),
  });
  const faults: SimulatorFaults = createFaults({ deck, signaling, media, stun, keys, rest: rest.faults });
  const stats = () => media.stats();
  const control = { host, keys, faults, stats, sessions: () => journal.sessions() };
  server.on('request', (request, response) => {
    if (settings.control && request.url?.startsWith(CONTROL_PATH)) handleControl(control, request, response);
    else rest.handle(request, response);
  });
  server.on('upgrade', (request, socket, head) => signaling.upgrade(request, socket, head));

  let closing: Promise<void> | null = null;
  const end = async () => {
    listener.stop();
    await signaling.close();
    rest.close();
    await Promise.all([listener.close(), stun.close(), media.close()]);
    journal.complete();
  };
  const close = () => {
    closing ??= end();
    return closing;
  };
  const authority = authorityOf(server, host);
  return {
    baseUrl: `ws://${authority}`,
    httpBaseUrl: `http://${authority}`,
    stunUrl: stun.url,
    apiKey,
    received: journal.received,
    received$: journal.received$,
    sessions$: journal.sessions$,
    jobs: rest.jobs,
    faults,
    scenario: signaling.scenario,
    stats,
    close,
    [asyncDispose]: close,
  };
}

// Media in a process of its own: a test that blocks its event loop, or a debugger that stops it, must not freeze the video.
import { type ChildProcess, fork } from 'node:child_process';
import { setImmediate } from 'node:timers/promises';
import type * as t from 'io-ts';
import { Subject } from 'rxjs';
import { DecartError } from '../../../core/errors.js';
import { mediaEntry } from '../media-entry.js';
import {
  decodeReport,
  type MediaCommand,
  type MediaReport,
  type MediaSettings,
  mediaStats,
  peerAnswer,
  roomAccess,
} from './media-messages.js';
import type { MediaEvent, MediaService } from './media-service.js';

interface Waiting {
  resolve(answer: Record<string, unknown>): void;
  reject(error: DecartError): void;
}

const START_LIMIT_MS = 60_000;
/** Together with the limit of a signaling socket less than a second. */
const END_LIMIT_MS = 500;
const KEPT_STDERR = 4_000;

const failure = (message: string, field?: string): DecartError =>
  new DecartError({ code: 'WEBRTC_SERVER_ERROR', message, ...(field !== undefined && { data: { field } }) });

/**
 * Starts the media process and waits until it serves.
 * @throws DecartError WEBRTC_SERVER_ERROR, or INVALID_INPUT naming the option at fault
 */
export async function startMediaProcess(settings: MediaSettings): Promise<MediaService> {
  const child = fork(mediaEntry, [], {
    // The parent's own flags (a debugger's port, a test runner's loader) are not for the child.
    execArgv: [],
    // rtc-node's logger writes to stdout unless it is in production.
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  const complaints = keepStderr(child);
  const gone = new Promise<string>((resolve) => {
    // Not 'exit': only now is its last word read and its pipe gone.
    child.once('close', (code, signal) => resolve(`ended with ${signal ?? `code ${code}`}`));
    child.once('error', (error) => resolve(`could not be run: ${error.message}`));
  });
  const proxy = createProxy(child, gone, complaints);
  try {
    const url = await proxy.start(settings);
    return { ...proxy.service, url };
  } catch (error) {
    await proxy.service.close();
    throw error;
  }
}

function keepStderr(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    text = (text + piece).slice(-KEPT_STDERR);
  });
  return () => text.trim();
}

function createProxy(child: ChildProcess, gone: Promise<string>, complaints: () => string) {
  const eventsSubject = new Subject<MediaEvent>();
  const waiting = new Map<number, Waiting>();
  let started: { resolve(url: string): void; reject(error: DecartError): void } | null = null;
  let nextId = 1;
  let alive = true;
  let closing: Promise<void> | null = null;

  const send = (command: MediaCommand): void => {
    // The callback takes the error of a channel that closes at this moment; `gone` reports it.
    if (alive && child.connected) child.send(command, () => {});
  };

  void gone.then((how) => {
    alive = false;
    const said = complaints();
    const error = failure(`The simulator's media process ${how}${said === '' ? '' : `: ${lastLine(said)}`}.`);
    started?.reject(error);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    if (closing === null) eventsSubject.next({ type: 'ended', reason: error.message });
    eventsSubject.complete();
  });

  child.on('message', (message) => receive(decodeReport(message)));

  function receive(report: MediaReport): void {
    switch (report.type) {
      case 'ready':
        started?.resolve(report.url);
        break;
      case 'failed':
        started?.reject(
          report.field === null
            ? failure(report.message)
            : new DecartError({ code: 'INVALID_INPUT', message: report.message, data: { field: report.field } }),
        );
        break;
      case 'answered':
        waiting.get(report.id)?.resolve(report.answer);
        waiting.delete(report.id);
        break;
      case 'refused':
        waiting.get(report.id)?.reject(failure(report.reason));
        waiting.delete(report.id);
        break;
      default:
        eventsSubject.next(report);
    }
  }

  function ask(command: (id: number) => MediaCommand): Promise<Record<string, unknown>> {
    if (!alive) return Promise.reject(failure("The simulator's media process is gone."));
    const id = nextId++;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      send(command(id));
    });
  }

  async function end(): Promise<void> {
    send({ type: 'close' });
    const deadline = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
    await gone;
    clearTimeout(deadline);
    // Node lets go of the process's own handle at the end of this turn of the event loop, after its immediates.
    await setImmediate();
    await setImmediate();
  }

  const service: MediaService = {
    url: '',
    events$: eventsSubject.asObservable(),
    openRoom: async (request) => readAnswer(roomAccess, await ask((id) => ({ type: 'room.open', id, ...request }))),
    createToken: async (request) =>
      readAnswer(roomAccess, await ask((id) => ({ type: 'token.create', id, ...request }))),
    answerOffer: async (offer) => readAnswer(peerAnswer, await ask((id) => ({ type: 'offer.answer', id, ...offer }))),
    removePeer: (room, identity) => send({ type: 'peer.remove', room, identity }),
    changeStyle: (room, style) => send({ type: 'style.change', room, style }),
    closeRoom: (room) => send({ type: 'room.close', room }),
    fault: (fault) => send({ type: 'fault', fault }),
    stats: async () => readAnswer(mediaStats, await ask((id) => ({ type: 'stats.read', id }))),
    close: () => {
      closing ??= end();
      return closing;
    },
  };

  function start(settings: MediaSettings): Promise<string> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(
        () => reject(failure(`The simulator's media process did not start within ${START_LIMIT_MS} ms.`)),
        START_LIMIT_MS,
      );
      started = {
        resolve: (url) => {
          clearTimeout(deadline);
          resolve(url);
        },
        reject: (error) => {
          clearTimeout(deadline);
          reject(error);
        },
      };
      send({ type: 'start', settings });
    });
  }

  return { service, start };
}

/** Where Node prints an uncaught error, the message stands on the last line that starts with the error's name. */
function lastLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.reverse().find((line) => /^[\w.]*(Error|Exception)\b/.test(line)) ?? lines[0] ?? '';
}

function readAnswer<A>(codec: t.Type<A>, answer: unknown): A {
  const decoded = codec.decode(answer);
  if (decoded._tag === 'Right') return decoded.right;
  throw failure("The simulator's media process: malformed answer.");
}

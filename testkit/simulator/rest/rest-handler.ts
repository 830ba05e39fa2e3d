import type { IncomingMessage, ServerResponse } from 'node:http';
import { mediaTypeOfBytes } from '../../../core/rest/media-type.js';
import type { Quota } from '../account.js';
import type { KeyRing } from '../key-ring.js';
import type { MediaService } from '../media/media-service.js';
import type { SimulatorSettings } from '../options.js';
import { Refusal, type RestRequest, readJson, sendJson, sendMedia } from './answer.js';
import { issueClientToken } from './client-tokens.js';
import { createFileStore } from './file-store.js';
import { checkImageForm } from './form-rules.js';
import { createJobStore, type JobTimings, type SimulatedJob } from './job-store.js';
import { resolveNames } from './model-names.js';
import { type ReceivedForm, receiveForm } from './receive-form.js';
import { createRestFaultDeck, type RestCallName, type RestFault, type RestFaults } from './rest-faults.js';
import { samplePng } from './sample-png.js';
import { createTokenSigner } from './signed-token.js';

/** What the REST side may use of the simulator. */
export interface RestContext {
  readonly settings: Pick<SimulatorSettings, 'scheduler'>;
  readonly keys: KeyRing;
  readonly media: Pick<MediaService, 'createToken'>;
  readonly timings?: Partial<JobTimings>;
  /** Larger uploads are counted, not kept. Default 32 MiB. */
  readonly keptBytes?: number;
  /** The account's session limit. @default it has none */
  readonly quota?: () => Quota;
  /** Whether there is such a room to watch. @default there is any */
  readonly hasRoom?: (room: string) => boolean;
}

/** The REST side. */
export interface RestService {
  /** Answers every plain HTTP request. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Whether an uploaded file is still there, kept or counted. */
  hasFile(fileId: string): boolean;
  /** The bytes of such a file; `null` when there is none with this id, or it was too large to keep. */
  readFile(fileId: string): Uint8Array | null;
  /** Every job so far, as it stands, oldest first. */
  readonly jobs: readonly SimulatedJob[];
  readonly faults: RestFaults;
  close(): void;
}

interface Route {
  readonly call: RestCallName;
  readonly method: string;
  readonly path: RegExp;
  /** The model that the key must allow is the path's argument. */
  readonly isModel?: boolean;
  /** Asked without a key. */
  readonly isOpen?: boolean;
  readonly run: (request: RestRequest) => Promise<void> | void;
}

const DEFAULT_TIMINGS: JobTimings = { pendingMs: 200, processingMs: 800 };
const DEFAULT_KEPT_BYTES = 33_554_432;
const UNLIMITED: Quota = { limit: null, active: 0, remaining: null };

/** Pages of any origin may call; what they may do is up to their key. */
const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': 'X-API-KEY, Content-Type, User-Agent',
  'Access-Control-Allow-Methods': 'GET, POST, DELETE',
  'Access-Control-Expose-Headers': 'Retry-After, Date',
};

export function createRestHandler(context: RestContext): RestService {
  const { keys, media, hasRoom = () => true, quota = () => UNLIMITED, keptBytes = DEFAULT_KEPT_BYTES } = context;
  const { scheduler } = context.settings;
  const signer = createTokenSigner();
  const deck = createRestFaultDeck();
  const jobs = createJobStore(scheduler, { ...DEFAULT_TIMINGS, ...context.timings });
  const files = createFileStore(scheduler);
  const jobAnswer = ({ id, status, error }: SimulatedJob) => ({ job_id: id, status, ...(error !== null && { error }) });

  const receive = async (message: IncomingMessage): Promise<ReceivedForm> => {
    const form = await receiveForm(message, keptBytes);
    const image = form.fields.get('reference_image');
    if (image !== undefined && !files.has(image)) throw new Refusal(422, 'reference_image: there is no such file');
    return form;
  };
  const submit = async ({ message, response, argument }: RestRequest): Promise<void> => {
    const form = await receive(message);
    sendJson(response, 200, jobAnswer(jobs.submit(argument, form, deck.takeJobError())));
  };
  const makeImage = async ({ message, response, argument }: RestRequest): Promise<void> => {
    const form = await receive(message);
    checkImageForm(argument, form);
    const sent = form.files.get('data')?.bytes ?? null;
    sendMedia(response, sent !== null && mediaTypeOfBytes(sent).startsWith('image/') ? sent : samplePng());
  };
  const watch = async ({ response, argument: room }: RestRequest): Promise<void> => {
    if (!hasRoom(room)) throw new Refusal(404, 'Room not found');
    const identity = `viewer-${Math.random().toString(36).slice(2, 10)}`;
    const { url, token } = await media.createToken({ room, identity, canPublish: false, canSubscribe: true });
    sendJson(response, 200, { livekit_url: url, token, room_name: room });
  };
  const routes: readonly Route[] = [
    {
      call: 'token',
      method: 'POST',
      path: /^\/v1\/client\/tokens$/,
      run: async ({ message, response }) => {
        if (keys.isIssued(keyOf(message))) throw new Refusal(403, 'A client token cannot make client tokens');
        sendJson(response, 200, issueClientToken(await readJson(message), keys, signer, scheduler));
      },
    },
    {
      call: 'keys',
      method: 'GET',
      path: /^\/api\/auth\/jwks$/,
      isOpen: true,
      run: ({ response }) => sendJson(response, 200, signer.keySet),
    },
    { call: 'submit', method: 'POST', path: /^\/v1\/jobs\/([^/]+)$/, isModel: true, run: submit },
    { call: 'image', method: 'POST', path: /^\/v1\/generate\/([^/]+)$/, isModel: true, run: makeImage },
    {
      call: 'resolve',
      method: 'POST',
      path: /^\/v1\/models\/resolve$/,
      isOpen: true,
      run: async ({ message, response }) => sendJson(response, 200, resolveNames(await readJson(message))),
    },
    {
      call: 'status',
      method: 'GET',
      path: /^\/v1\/jobs\/([^/]+)$/,
      run: ({ response, argument }) => sendJson(response, 200, jobAnswer(jobs.get(argument))),
    },
    {
      call: 'result',
      method: 'GET',
      path: /^\/v1\/jobs\/([^/]+)\/content$/,
      run: ({ response, argument }) => {
        sendMedia(response, jobs.result(argument));
      },
    },
    {
      call: 'upload',
      method: 'POST',
      path: /^\/v1\/files$/,
      run: async ({ message, response }) => sendJson(response, 200, files.add(await receiveForm(message, keptBytes))),
    },
    {
      call: 'file',
      method: 'GET',
      path: /^\/v1\/files\/([^/]+)$/,
      run: ({ response, argument }) => sendJson(response, 200, files.get(argument)),
    },
    {
      call: 'delete',
      method: 'DELETE',
      path: /^\/v1\/files\/([^/]+)$/,
      run: ({ response, argument }) => {
        files.delete(argument);
        response.writeHead(204).end();
      },
    },
    {
      call: 'quota',
      method: 'GET',
      path: /^\/v1\/realtime\/quota$/,
      run: ({ response }) => sendJson(response, 200, quota()),
    },
    { call: 'viewer', method: 'POST', path: /^\/watch-stream\/([^/]+)$/, run: watch },
  ];

  const answer = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value);
    if (message.method === 'OPTIONS') return void response.writeHead(204).end();
    const [pathname = '/'] = (message.url ?? '/').split('?');
    const route = routes.find(({ method, path }) => method === message.method && path.test(pathname));
    if (route === undefined) throw new Refusal(404, `Not found: ${message.method} ${pathname}`);
    const fault = deck.take(route.call);
    if (fault !== null) return spoil(message, response, fault);
    const argument = decode(route.path.exec(pathname)?.[1] ?? '');
    const model = route.isModel ? argument : null;
    if (route.isOpen) return void (await route.run({ message, response, argument }));
    const verdict = keys.check({ key: keyOf(message), model, origin: message.headers.origin ?? null });
    if (!verdict.accepted) throw new Refusal(verdict.status, verdict.reason);
    await route.run({ message, response, argument });
  };

  return {
    handle: (message, response) => {
      answer(message, response).catch((error: unknown) => refuse(message, response, error));
    },
    hasFile: files.has,
    readFile: files.bytes,
    get jobs() {
      return jobs.jobs;
    },
    faults: deck,
    close: () => {
      jobs.close();
      files.close();
    },
  };
}

const keyOf = ({ headers }: IncomingMessage): string => {
  const key = headers['x-api-key'];
  return typeof key === 'string' ? key : '';
};

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refusal(400, 'The path is malformed');
  }
}

function refuse(message: IncomingMessage, response: ServerResponse, error: unknown): void {
  message.resume();
  if (response.headersSent) return void response.destroy();
  const known = error instanceof Refusal;
  if (known && error.status === 422) return sendJson(response, 422, { detail: [error.detail()] });
  sendJson(response, known ? error.status : 500, { error: known ? error.message : 'Internal error' });
}

function spoil(message: IncomingMessage, response: ServerResponse, fault: RestFault): void {
  message.resume();
  switch (fault.kind) {
    case 'status': {
      const { status, text = '', retryAfter } = fault;
      if (retryAfter !== undefined) response.setHeader('Retry-After', retryAfter);
      return void response.writeHead(status).end(text);
    }
    case 'reset':
      return void message.socket.resetAndDestroy();
    case 'silent':
      return;
    case 'garbage':
      return void response.writeHead(200).end('<html>');
  }
}

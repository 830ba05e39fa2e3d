// aiortc, another implementation of WebRTC, as the service's end of a direct session. Needs a Python with aiortc:
// DECART_PYTHON names one, else it is `python3`; without it the test is skipped.
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from '@jest/globals';
import { EMPTY, filter, firstValueFrom, ReplaySubject, switchMap, take, toArray } from 'rxjs';
import { type WebSocket, WebSocketServer } from 'ws';
import { createNodePlatform, type DecartClient } from '../../adapters/node/index.js';
import { createDecartClient as createClient } from '../../core/client.js';
import { createDirectNodeTransport } from '../../transports/webrtc/node/index.js';
import { loadForTests } from '../simulator/conformance/direct-node-harness.js';

const python = process.env.DECART_PYTHON ?? 'python3';
const { status } = spawnSync(python, ['-c', 'import aiortc']);
const testIfFound = status === 0 ? test : test.skip;
const title = status === 0 ? '' : ` (skipped: ${python} has no aiortc)`;

interface FarEndMessage {
  readonly answer?: string;
  readonly state?: string;
  readonly frames?: number;
  readonly width?: number;
  readonly height?: number;
}

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A service whose peer connection is in a Python process. */
async function startService() {
  const said$ = new ReplaySubject<FarEndMessage>();
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const processes: ChildProcessWithoutNullStreams[] = [];
  function take(
    socket: WebSocket,
    message: { readonly type: string; readonly prompt?: string; readonly sdp?: string },
  ) {
    if (message.type === 'prompt')
      socket.send(JSON.stringify({ type: 'prompt_ack', prompt: message.prompt, success: true, error: null }));
    if (message.type !== 'offer') return;
    const farEnd = spawn(python, [resolve('testkit/aiortc/far_end.py')]);
    processes.push(farEnd);
    createInterface(farEnd.stdout).on('line', (line) => {
      const said: FarEndMessage = JSON.parse(line);
      if (said.answer !== undefined) socket.send(JSON.stringify({ type: 'answer', sdp: said.answer }));
      said$.next(said);
    });
    farEnd.stderr.on('data', (text) => said$.next({ state: String(text) }));
    farEnd.stdin.write(`${JSON.stringify({ offer: message.sdp })}\n`);
  }

  server.on('connection', (socket) => {
    socket.on('message', (data) => take(socket, JSON.parse(data.toString())));
  });
  closing.push(async () => {
    for (const farEnd of processes) {
      const exited = farEnd.exitCode === null ? once(farEnd, 'exit') : null;
      farEnd.stdin.end();
      await exited;
    }
    for (const socket of server.clients) socket.terminate();
    await new Promise((resolve) => server.close(resolve));
  });
  return { baseUrl: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, said$ };
}

testIfFound(`a session with aiortc as the far end: it comes up, and video moves both ways${title}`, async () => {
  const { baseUrl, said$ } = await startService();
  const directMedia = createDirectNodeTransport({ load: loadForTests });
  const client = createClient({ apiKey: 'any', baseUrl }, createNodePlatform({ directMedia })) as DecartClient;
  closing.push(() => client.release());
  const local = await client.realtime.createLocalVideoStream(
    { width: 640, height: 360, fps: 30 },
    { source: 'test-pattern' },
  );
  closing.push(() => local.dispose());
  await client.realtime.connect(
    { model: 'lucy-2.1', transport: 'webrtc', iceServers: [], initialPrompt: { text: 'a forest' } },
    local,
  );
  const frames = await firstValueFrom(
    client.realtime.remoteStream$.pipe(
      switchMap((stream) => stream?.frames$ ?? EMPTY),
      take(60),
      toArray(),
    ),
  );
  // The bar moves: no two frames in a row need differ, all together do.
  const pictures = new Set(frames.map(({ data, width, height }) => barOf(data.subarray(0, width * height), width)));
  expect(pictures.size).toBeGreaterThan(5);
  expect(frames.at(-1)).toMatchObject({ width: 320, height: 180 });
  const received = await firstValueFrom(said$.pipe(filter(({ frames: count = 0 }) => count >= 60)));
  expect((received.width ?? 0) / (received.height ?? 1)).toBeCloseTo(16 / 9, 1);
  await client.realtime.setPrompt('a desert');
});

/** In which column the brightest spot of the middle row is, in steps of four pixels. */
function barOf(luma: Uint8Array, width: number): number {
  const row = luma.subarray(width * 90, width * 91);
  let brightest = 0;
  for (const [column, value] of row.entries()) if (value > (row[brightest] ?? 0) + 8) brightest = column;
  return brightest >> 2;
}

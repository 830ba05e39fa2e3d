import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createDecartClient, RealtimeModels } from 'decart-rx/node';
import { combineLatest, interval, map, startWith } from 'rxjs';
import { loadSimulator } from '../simulator.mjs';
import { drawContactSheet, writePng } from './contact-sheet.mjs';
import { DemoError } from './demo-error.mjs';
import { openInput } from './input.mjs';
import { createJournal } from './journal.mjs';
import { createMeter } from './meter.mjs';
import { createScreen } from './screen.mjs';
import { liveThroughSession } from './session.mjs';

/** A model of our own, of a size that two cores can encode, change and decode at full rate. */
const demoModel = { name: 'demo-360p', urlPath: '/v1/stream', fps: 30, width: 640, height: 360 };
const laterPrompts = ['Neon city at night', 'Pencil sketch on old paper'];
const REDRAW_MS = 200;

/**
 * @param {import('./arguments.mjs').DemoOptions} options
 * @param {AbortSignal} signal ends the demo early
 * @returns {Promise<{ summary: any, sheetPath: string, summaryPath: string }>} all closed, the summary not yet written
 */
export async function runDemo(options, signal) {
  const model = modelFor(options);
  await mkdir(options.out, { recursive: true }).catch((error) => {
    throw new DemoError(`--out: ${options.out} cannot be made a directory.`, { cause: error });
  });
  /** @type {(() => unknown)[]} */
  const closers = [];
  const opened = (resource, close) => {
    closers.unshift(() => close(resource));
    return resource;
  };
  try {
    return await session(options, model, signal, opened);
  } finally {
    for (const close of closers) await close();
  }
}

async function session(options, model, signal, opened) {
  const input = opened(await openInput(options.input, model), ({ close }) => close());
  const { size } = input;
  const label = options.input === null ? 'test pattern' : basename(options.input);
  const title = `${options.mode} · ${size.width}x${size.height} at ${size.fps} fps · ${label}`;
  const service = await serviceFor(options, opened);
  const journal = createJournal();

  // From here on, this is what any user of the package would write.
  const { apiKey, baseUrl } = service;
  const client = opened(createDecartClient({ apiKey, baseUrl }), (it) => it.release());
  const { realtime } = client;
  const streamOptions = { source: input.source, mirror: 'off', debugQuality: true };
  const local = opened(await realtime.createLocalVideoStream(size, streamOptions), (it) => it.dispose());

  const meter = opened(createMeter(realtime, local, journal.now), (it) => it.stop());
  const screen = opened(createScreen(process.stdout, journal), (it) => it.close());
  const watching = [
    realtime.connectionState$.subscribe((state) => journal.stateChanged(state)),
    realtime.ended$.subscribe((end) => journal.sessionEnded(end)),
    realtime.usage$.subscribe((usage) => journal.used(usage)),
    realtime.errors$.subscribe((error) => journal.failed(error)),
    realtime.queuePosition$.subscribe((queue) => {
      if (queue !== null) journal.note(`queue: ${queue.position} of ${queue.queueSize}`);
    }),
    realtime.diagnostics$.subscribe((diagnostic) => {
      if (diagnostic.name === 'intentRestored') journal.note(`prompt after the reconnect: ${diagnostic.restored}`);
    }),
    statuses({ realtime, journal, meter, title }).subscribe((status) => screen.show(status)),
  ];
  opened(watching, (subscriptions) => {
    for (const subscription of subscriptions) subscription.unsubscribe();
  });

  const cutSocket = service.faults === null ? null : () => service.faults.dropSocket();
  const { samples, timeToFirstFrameMs, wasCut } = await liveThroughSession({
    realtime,
    local,
    model,
    transport: options.transport,
    prompts: [options.prompt, laterPrompts[0], laterPrompts[1]],
    seconds: options.seconds,
    maxSeconds: options.maxSeconds,
    cutSocket,
    journal,
    signal,
  });
  await realtime.disconnect();
  check({ journal, meter, samples, wasCut });

  const sheetPath = join(options.out, 'contact-sheet.png');
  const sheet = drawContactSheet(samples, { title: 'decart-rx demo', subtitle: title, size });
  await writePng(sheetPath, sheet.canvas).catch((error) => {
    throw new DemoError(`${sheetPath} cannot be written.`, { cause: error });
  });
  return {
    sheetPath,
    summaryPath: join(options.out, 'summary.json'),
    summary: summaryOf({ options, model, size, journal, meter, samples, timeToFirstFrameMs, layout: sheet.layout }),
  };
}

function modelFor({ model: name, url }) {
  // Only our own simulator knows the demo's model.
  if (name === null) return url === null ? demoModel : RealtimeModels.LUCY_2_1;
  const model = RealtimeModels.fromName(name);
  if (model !== undefined) return model;
  const known = RealtimeModels.all.map((one) => one.name).join(', ');
  throw new DemoError(`--model: there is no realtime model "${name}". Known: ${known}.`);
}

async function serviceFor({ url, mode, port }, opened) {
  if (url !== null) {
    const apiKey = process.env.DECART_API_KEY ?? '';
    if (apiKey.trim() === '') throw new DemoError('--url: there is no key in the environment variable DECART_API_KEY.');
    return { baseUrl: url, apiKey, faults: null };
  }
  const { startSimulator } = await loadSimulator();
  const simulator = await startSimulator({ mode, port, queue: 2, queueIntervalMs: 400, models: [demoModel.name] });
  return opened(simulator, (it) => it.close());
}

/** The state of everything, a few times a second. */
function statuses({ realtime, journal, meter, title }) {
  return combineLatest({
    state: realtime.connectionState$,
    queue: realtime.queuePosition$,
    quality: realtime.quality$,
    latency: realtime.stats$.pipe(
      map((stats) => stats.latency),
      startWith(null),
    ),
    redraw: interval(REDRAW_MS).pipe(startWith(0)),
  }).pipe(
    map(({ state, queue, quality, latency }) => ({
      title,
      elapsedMs: journal.now(),
      state,
      queue,
      quality,
      latency,
      prompt: journal.latestPrompt?.text ?? null,
      isPromptAcked: journal.latestPrompt?.ackedMs != null,
      framesPerSecondOut: meter.framesPerSecondOut,
      framesPerSecondIn: meter.framesPerSecondIn,
      framesSent: meter.framesSent,
      framesReceived: meter.framesReceived,
      events: journal.events,
    })),
  );
}

function check({ journal, meter, samples, wasCut }) {
  const problems = [
    ...journal.errors.map(({ message }) => message),
    ...(meter.framesReceived === 0 ? ['No frame came back.'] : []),
    ...(samples.length === 0 ? ['No frame could be matched with the one it was made of.'] : []),
    ...(wasCut && journal.reconnects === 0 ? ['The session did not reconnect.'] : []),
  ];
  if (problems.length > 0) throw new DemoError(problems.join(' '));
}

function summaryOf({ options, model, size, journal, meter, samples, timeToFirstFrameMs, layout }) {
  const changes = journal.prompts.slice(1);
  const latencies = samples.map(({ inputAtMs, outputAtMs }) => outputAtMs - inputAtMs).sort((a, b) => a - b);
  return {
    mode: options.mode,
    model: model.name,
    input: options.input ?? 'test-pattern',
    width: size.width,
    height: size.height,
    states: journal.states.map(({ state, atMs }) => ({ state, atMs: Math.round(atMs) })),
    framesSent: meter.framesSent,
    framesReceived: meter.framesReceived,
    steadyFps: { sent: rounded(meter.steady.sent), received: rounded(meter.steady.received) },
    timeToFirstFrameMs: rounded(timeToFirstFrameMs),
    end: journal.end,
    usage: journal.usage,
    promptAckMs: changes
      .filter(({ ackedMs }) => ackedMs !== null)
      .map(({ askedMs, ackedMs }) => rounded(ackedMs - askedMs)),
    sampledLatencyMs: rounded(latencies[latencies.length >> 1] ?? null),
    contactSheet: {
      pictureWidth: layout.pictureWidth,
      pictureHeight: layout.pictureHeight,
      samples: samples.map(({ inputAtMs, outputAtMs, prompt }, place) => ({
        prompt,
        input: pictureAt(layout.cells[place].left, layout.cells[place].inputTop, inputAtMs),
        output: pictureAt(layout.cells[place].left, layout.cells[place].outputTop, outputAtMs),
      })),
    },
    reconnects: journal.reconnects,
    errors: journal.errors,
  };
}

const pictureAt = (left, top, atMs) => ({ left, top, atMs: Math.round(atMs) });
const rounded = (value) => (value === null ? null : Math.round(value * 10) / 10);

/** @param {string} path @param {object} summary */
export async function writeSummary(path, summary) {
  await writeFile(path, `${JSON.stringify(summary, null, 2)}\n`).catch((error) => {
    throw new DemoError(`${path} cannot be written.`, { cause: error });
  });
}

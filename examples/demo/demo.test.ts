import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';

interface Picture {
  readonly left: number;
  readonly top: number;
  readonly atMs: number;
}

interface Summary {
  readonly mode: string;
  readonly width: number;
  readonly height: number;
  readonly states: readonly { readonly state: string; readonly atMs: number }[];
  readonly framesSent: number;
  readonly framesReceived: number;
  readonly timeToFirstFrameMs: number;
  readonly promptAckMs: readonly number[];
  readonly reconnects: number;
  readonly errors: readonly unknown[];
  readonly end: unknown;
  readonly usage: unknown;
  readonly openResources: number;
  readonly contactSheet: {
    readonly pictureWidth: number;
    readonly pictureHeight: number;
    readonly samples: readonly { readonly prompt: string; readonly input: Picture; readonly output: Picture }[];
  };
}

interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'decart-rx-demo-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the demo against the build, as `npm run demo` does. */
function runDemo(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(__dirname, 'main.mjs'), ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Mean difference of two pictures of the sheet, 0 to 255 per channel, without the markers at their bottom. */
function meanDifference(sheet: PNG, { contactSheet }: Summary, input: Picture, output: Picture): number {
  const { pictureWidth, pictureHeight } = contactSheet;
  const rows = Math.floor(pictureHeight * 0.8);
  let sum = 0;
  for (let y = 0; y < rows; y += 1) {
    for (let x = 0; x < pictureWidth * 4; x += 1) {
      const a = sheet.data[((input.top + y) * sheet.width + input.left) * 4 + x] ?? 0;
      const b = sheet.data[((output.top + y) * sheet.width + output.left) * 4 + x] ?? 0;
      sum += Math.abs(a - b);
    }
  }
  return sum / (rows * pictureWidth * 4);
}

async function runSession(mode: 'echo' | 'restyle') {
  const out = join(folder, mode);
  const ending = await runDemo(['--mode', mode, '--seconds', '6', '--out', out, '--prompt', 'Red clay']);
  expect(ending).toMatchObject({ code: 0, stderr: '' });
  const summary: Summary = JSON.parse(await readFile(join(out, 'summary.json'), 'utf8'));
  const sheet = PNG.sync.read(await readFile(join(out, 'contact-sheet.png')));
  const { samples } = summary.contactSheet;
  const differences = samples.map(({ input, output }) => meanDifference(sheet, summary, input, output));
  return { ending, summary, sheet, samples, differences };
}

describe('a session of the demo', () => {
  it('ends by its own limit, and says what was billed', async () => {
    const out = join(folder, 'limited');
    const ending = await runDemo(['--mode', 'echo', '--seconds', '10', '--max-seconds', '4', '--out', out]);
    expect(ending).toMatchObject({ code: 0, stderr: '' });
    const summary: Summary = JSON.parse(await readFile(join(out, 'summary.json'), 'utf8'));
    expect(summary).toMatchObject({ errors: [], openResources: 0 });
    expect(summary.end).toEqual({ by: 'limit', reason: 'maxSeconds', seconds: 4, restartable: true });
    expect(summary.usage).toEqual({ seconds: 4, cost: null, currency: 'USD', remainingSeconds: 0 });
    expect(ending.stdout).toContain('4 s billed, ended by the limit: maxSeconds.');
  });

  it('sees the video come back changed, through a reconnect, and leaves nothing open', async () => {
    const { ending, summary, sheet, samples, differences } = await runSession('restyle');

    expect(summary.states.map(({ state }) => state)).toEqual([
      ...['disconnected', 'connecting', 'connected', 'generating'],
      ...['reconnecting', 'connected', 'generating', 'disconnected'],
    ]);
    const times = summary.states.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(summary).toMatchObject({ mode: 'restyle', width: 640, height: 360 });
    expect(summary).toMatchObject({ reconnects: 1, errors: [], openResources: 0 });
    expect(summary.promptAckMs).toHaveLength(2);
    expect(summary.promptAckMs.every((ms) => ms >= 0)).toBe(true);
    expect(summary.timeToFirstFrameMs).toBeGreaterThan(0);
    expect(summary.framesSent).toBeGreaterThan(0);
    expect(summary.framesReceived).toBeGreaterThan(0);
    expect(summary.framesReceived).toBeLessThanOrEqual(summary.framesSent);

    const { pictureWidth, pictureHeight } = summary.contactSheet;
    expect(samples.length).toBeGreaterThan(0);
    expect(samples.every(({ input, output }) => input.atMs <= output.atMs)).toBe(true);
    for (const { left, top } of samples.flatMap(({ input, output }) => [input, output])) {
      expect(left + pictureWidth).toBeLessThan(sheet.width);
      expect(top + pictureHeight).toBeLessThan(sheet.height);
    }
    expect(Math.min(...differences)).toBeGreaterThan(10);
    expect(ending.stdout).toContain('the signaling socket is cut');
    expect(ending.stdout).toContain('prompt after the reconnect: replayed');
    expect(ending.stdout).not.toContain('\x1b');
  });

  it('sees the same pictures again in echo mode', async () => {
    const { samples, differences } = await runSession('echo');
    expect(samples.length).toBeGreaterThan(0);
    expect(Math.max(...differences)).toBeLessThan(10);
  });
});

describe('what cannot be run', () => {
  it.each([
    [['--mode', 'paint'], '--mode: expected echo or restyle, got "paint".'],
    [['--seconds', '2'], '--seconds: expected a number from 5 to 600, got "2".'],
    [['--seconds', 'many'], '--seconds: expected a number from 5 to 600, got "many".'],
    [['--port', '1.5'], '--port: expected a whole number, got "1.5".'],
    [['--prompt', ' '], '--prompt: expected at least one character.'],
    [['--transport', 'quic'], '--transport: expected livekit or webrtc, got "quic".'],
    [['--colour'], "Unknown option '--colour'. See --help."],
    [['--model', 'lucy-9'], '--model: there is no realtime model "lucy-9". Known: lucy-2.1, '],
    [['--input', 'no-such.mp4'], '--input: there is no file no-such.mp4'],
    [['--input', __dirname], `--input: ${__dirname} is not a file.`],
    [['--out', join(__filename, 'out')], `--out: ${join(__filename, 'out')} cannot be made a directory.`],
    [['--url', 'nowhere'], 'Invalid base URL nowhere: expected wss://'],
    [['--url', 'ws://decart.example'], 'Invalid base URL ws://decart.example: plain ws is for loopback only'],
  ])('is reported in one line: %j', async (args, message) => {
    const ending = await runDemo(['--out', join(folder, 'refused'), ...args], { DECART_API_KEY: 'key' });
    expect(ending).toMatchObject({ code: 1, stdout: '' });
    expect(ending.stderr.trim().split('\n')).toEqual([expect.stringContaining(`The demo failed: ${message}`)]);
  });

  it('names the environment variable of a missing key', async () => {
    const ending = await runDemo(['--out', folder, '--url', 'ws://127.0.0.1:9'], { DECART_API_KEY: '' });
    expect(ending).toMatchObject({ code: 1, stderr: expect.stringContaining('DECART_API_KEY') });
  });

  it('reports what is wrong with a Y4M file', async () => {
    const path = join(folder, 'bad.y4m');
    await writeFile(path, 'not a video\n');
    const ending = await runDemo(['--out', folder, '--input', path]);
    expect(ending).toMatchObject({ code: 1, stderr: expect.stringContaining('does not begin with YUV4MPEG2') });
    expect(ending.stderr).not.toContain('    at ');
  });

  it('says how to get ffmpeg where it is missing', async () => {
    const path = join(folder, 'clip.mp4');
    await writeFile(path, 'anything');
    const ending = await runDemo(['--out', folder, '--input', path], { PATH: folder });
    expect(ending).toMatchObject({ code: 1, stderr: expect.stringMatching(/ffmpeg.*not on PATH/) });
    expect(ending.stderr).not.toContain('    at ');
  });

  it('reports that the port is in use', async () => {
    const occupant = createServer();
    await new Promise<void>((resolve) => occupant.listen(0, '127.0.0.1', resolve));
    const { port } = occupant.address() as AddressInfo;
    const ending = await runDemo(['--out', folder, '--port', String(port)]);
    await new Promise((resolve) => occupant.close(resolve));
    expect(ending).toMatchObject({ code: 1, stderr: expect.stringContaining(`${port} is in use`) });
  });

  it('shows the stack trace when asked to', async () => {
    const ending = await runDemo(['--mode', 'paint', '--verbose']);
    expect(ending.code).toBe(1);
    expect(ending.stderr).toContain('    at ');
  });
});

it('draws a status that fits the terminal and always has the same height', () => {
  const script = `
    import { renderStatus } from ${JSON.stringify(join(__dirname, 'status-view.mjs'))};
    const empty = {
      title: 'restyle of a very long title that cannot fit', elapsedMs: 1_234, state: 'connecting',
      queue: { position: 2, queueSize: 5 }, prompt: 'a prompt '.repeat(30), isPromptAcked: false,
      framesPerSecondOut: null, framesPerSecondIn: null, framesSent: 0, framesReceived: 0,
      latency: { medianMs: null, p90Ms: null, unavailable: 'warming-up' }, quality: null, events: [],
    };
    const busy = {
      ...empty, state: 'generating', queue: null, framesPerSecondOut: 30, framesPerSecondIn: 29.5, framesSent: 600,
      latency: { medianMs: 61.2, p90Ms: 80, unavailable: null },
      quality: { quality: 'fair', limitingFactor: 'latency', warmingUp: false },
      events: Array.from({ length: 20 }, (_, at) => ({ text: 'an event '.repeat(20), atMs: at * 1_000 })),
    };
    const draw = (status, columns) => renderStatus(status, { columns, hasColour: false });
    console.log(JSON.stringify([draw(empty, 60), draw(busy, 60), draw(busy, 200)]));
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  const drawings: string[][] = JSON.parse(stdout);
  expect(new Set(drawings.map((lines) => lines.length)).size).toBe(1);
  const [empty = [], busy = []] = drawings;
  expect(Math.max(...[...empty, ...busy].map((line) => [...line].length))).toBeLessThan(60);
  expect(empty.join('\n')).toContain('2 of 5');
  expect(busy.join('\n')).toContain('61 ms median, 80 ms p90');
  expect(busy.join('\n')).toContain('fair, limited by latency');
});

it('explains itself', async () => {
  const ending = await runDemo(['--help']);
  expect(ending).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('--prompt TEXT') });
});

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { videoFileFrames } from './video-file.js';

const options = { width: 320, height: 180, fps: 10 };
const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
const clip = process.env.DECART_TEST_CLIP;
const withFfmpeg = hasFfmpeg ? describe : describe.skip;
const withClip = hasFfmpeg && clip ? it : it.skip;
if (!hasFfmpeg) process.stderr.write('Skipped reading video files: there is no ffmpeg on PATH.\n');
else if (!clip) process.stderr.write('Skipped reading a real clip: DECART_TEST_CLIP names none.\n');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'decart-rx-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

/** A decoder that does what a shell script says. */
const decoder = (name: string, script: string): string => {
  const path = write(name, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
};

async function count(path: string, more: Partial<Parameters<typeof videoFileFrames>[1]> = {}): Promise<number> {
  let frames = 0;
  for await (const { data } of videoFileFrames(path, { ...options, ...more })) {
    if (data.length !== 86_400) throw new Error(`A frame of ${data.length} bytes.`);
    frames += 1;
  }
  return frames;
}

describe('refuses', () => {
  it.each([
    ['a file that is not there', '/no/such/clip.mp4', {}, /^There is no file \/no\/such\/clip\.mp4/],
    ['a directory', tmpdir(), {}, /a directory where a video file was expected/],
    ['a size that cannot be sent', __filename, { width: 322 }, /multiples of 4, got 322x180/],
    ['no rate', __filename, { fps: 0 }, /above 0, got 0/],
  ])('%s', async (_what, path, more, message) => {
    const error = { code: 'INVALID_INPUT', message: expect.stringMatching(message) };
    await expect(count(path, more)).rejects.toMatchObject(error);
  });

  it('a machine without ffmpeg, and says what to do', async () => {
    await expect(count(__filename, { ffmpeg: 'no-such-ffmpeg' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(/needs no-such-ffmpeg, which is not on PATH.*apt-get install ffmpeg/),
    });
  });

  it('what the decoder cannot decode, in its words', async () => {
    const ffmpeg = decoder('refusing', 'echo one >&2; echo "Invalid data found" >&2; exit 1');
    await expect(count(__filename, { ffmpeg })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(/cannot be decoded: Invalid data found$/),
      data: { complaint: 'one\nInvalid data found' },
    });
  });

  it('a decoder that gives something else, and ends it', async () => {
    const pidFile = join(folder, 'pid-of-other');
    const ffmpeg = decoder('other', `echo $$ > ${pidFile}; echo nonsense; exec sleep 600`);
    await expect(count(__filename, { ffmpeg })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect(isRunning(pidFile)).toBe(false);
  });
});

describe('ends the decoder', () => {
  const endless = (pidFile: string): string =>
    decoder(
      'endless',
      `echo $$ > ${pidFile}; echo 'YUV4MPEG2 W320 H180'; while true; do echo FRAME; head -c 86400 /dev/zero || exit; done`,
    );

  it('when the iteration is left', async () => {
    const pidFile = join(folder, 'pid-of-left');
    for await (const _frame of videoFileFrames(__filename, { ...options, ffmpeg: endless(pidFile) })) break;
    expect(isRunning(pidFile)).toBe(false);
  });

  it('when it is aborted, with an error that says so', async () => {
    const pidFile = join(folder, 'pid-of-aborted');
    const abort = new AbortController();
    const frames = videoFileFrames(__filename, { ...options, ffmpeg: endless(pidFile), signal: abort.signal });
    await frames.next();
    abort.abort();
    await expect(
      (async () => {
        for (;;) await frames.next().then(({ done }) => done && Promise.reject(new Error('It just ended.')));
      })(),
    ).rejects.toMatchObject({ code: 'ABORTED', name: 'AbortError' });
    expect(isRunning(pidFile)).toBe(false);
  });

  it('or does not start it, when it was aborted before', async () => {
    await expect(count(__filename, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

withFfmpeg('with ffmpeg', () => {
  const made = (): string => {
    const path = join(folder, 'made.mp4');
    const source = 'testsrc=size=200x100:rate=25:duration=2';
    const { status } = spawnSync('ffmpeg', ['-loglevel', 'error', '-y', '-f', 'lavfi', '-i', source, path]);
    expect(status).toBe(0);
    return path;
  };

  it('reads a file in the size and rate asked for', async () => {
    expect(await count(made())).toBe(20);
  });

  it('starts over at the end on request', async () => {
    let frames = 0;
    for await (const _frame of videoFileFrames(made(), { ...options, loop: true })) {
      frames += 1;
      if (frames === 50) break;
    }
    expect(frames).toBe(50);
  });

  it('refuses a file without video', async () => {
    await expect(count(write('note.txt', 'not a video'))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(/note\.txt cannot be decoded: /),
    });
  });

  withClip('reads a real clip', async () => {
    const brightness = new Set<number>();
    for await (const { data } of videoFileFrames(clip ?? '', options)) {
      brightness.add(data.subarray(0, 57_600).reduce((sum, luma) => sum + luma, 0));
      if (brightness.size === 10) break;
    }
    expect(brightness.size).toBe(10);
  });
});

function isRunning(pidFile: string): boolean {
  const pid = Number(spawnSync('cat', [pidFile], { encoding: 'utf8' }).stdout);
  if (!(pid > 0)) throw new Error('The decoder was never started.');
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // There is no such process.
    return false;
  }
}

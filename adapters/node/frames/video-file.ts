import { type ChildProcess, spawn } from 'node:child_process';
import { access, constants, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DecartError, isDecartError } from '../../../core/errors.js';
import { type I420Frame, requireVideoSize } from '../../../transports/livekit/node/index.js';
import { y4mFrames } from './y4m.js';

/** How a video file is decoded. */
export interface VideoFileOptions {
  /** Pixels; a multiple of 4. The picture is scaled to fill the size, and what sticks out is cut off. */
  readonly width: number;
  /** Pixels; a multiple of 4. */
  readonly height: number;
  /** Frames per second; frames are repeated or left out to get there. */
  readonly fps: number;
  /** Starts over at the end, for ever. @default false */
  readonly loop?: boolean | undefined;
  /** Ends the iteration with an `ABORTED` error. */
  readonly signal?: AbortSignal | undefined;
  /** The program that decodes, looked up on PATH. @default 'ffmpeg' */
  readonly ffmpeg?: string | undefined;
}

const complaintLimit = 4_000;

/**
 * The frames of any video file that `ffmpeg` reads, in the size and rate asked for, as fast as they are asked for.
 * The decoder runs while the frames are iterated over and is ended with the iteration, however that ends.
 *
 * Throws `DecartError` INVALID_INPUT while iterating: when there is no such file, no `ffmpeg`, or no video in it.
 *
 * @example
 * ```ts
 * import { type DecartClient, videoFileFrames } from 'decart-rx/node';
 *
 * export function openClip(client: DecartClient) {
 *   const size = { width: 1280, height: 720, fps: 30 };
 *   return client.realtime.createLocalVideoStream(size, { source: videoFileFrames('clip.mp4', size) });
 * }
 * ```
 */
export async function* videoFileFrames(
  path: string,
  options: VideoFileOptions,
): AsyncGenerator<I420Frame, void, undefined> {
  const { width, height, fps, loop = false, signal, ffmpeg = 'ffmpeg' } = options;
  requireVideoSize({ width, height });
  if (!(fps > 0 && Number.isFinite(fps))) throw invalid(`fps must be a number above 0, got ${fps}.`);
  if (signal?.aborted) throw aborted();
  await requireFile(path);

  const decoder = spawn(ffmpeg, decoderArguments(path, { width, height, fps, loop }), {
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const ended = endOf(decoder);
  let complaint = '';
  decoder.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-complaintLimit);
  });
  const kill = (): void => {
    decoder.kill('SIGKILL');
  };
  signal?.addEventListener('abort', kill);
  // A process that exits in the middle must not leave the decoder behind.
  process.once('exit', kill);

  try {
    let count = 0;
    let problem: unknown = null;
    try {
      for await (const frame of y4mFrames(decoder.stdout)) {
        if (signal?.aborted) break;
        count += 1;
        yield frame;
      }
    } catch (error) {
      // Most likely the decoder ended too early: how it ended says more.
      problem = error;
      kill();
    }
    const { error, code } = await ended;
    if (signal?.aborted) throw aborted();
    if (error) throw notStarted(ffmpeg, error);
    if (code !== 0 || count === 0) throw undecodable(path, complaint, problem);
    if (problem !== null) throw problem;
  } finally {
    signal?.removeEventListener('abort', kill);
    process.removeListener('exit', kill);
    kill();
    await ended;
  }
}

function decoderArguments(path: string, { width, height, fps, loop }: VideoFileOptions): string[] {
  const filters = [
    `scale=${width}:${height}:force_original_aspect_ratio=increase`,
    `crop=${width}:${height}`,
    'setsar=1',
    `fps=${fps}`,
  ];
  return [
    ...['-nostdin', '-hide_banner', '-loglevel', 'error'],
    ...(loop ? ['-stream_loop', '-1'] : []),
    // Spelled as a file, a name can be neither an option nor a URL.
    ...['-i', `file:${resolve(path)}`, '-map', '0:v:0', '-vf', filters.join(',')],
    ...['-pix_fmt', 'yuv420p', '-f', 'yuv4mpegpipe', 'pipe:1'],
  ];
}

interface End {
  /** It could not be started. */
  readonly error: NodeJS.ErrnoException | null;
  readonly code: number | null;
}

function endOf(decoder: ChildProcess): Promise<End> {
  return new Promise((settle) => {
    decoder.once('error', (error) => settle({ error, code: null }));
    decoder.once('close', (code) => settle({ error: null, code }));
  });
}

async function requireFile(path: string): Promise<void> {
  try {
    if (!(await stat(path)).isFile())
      throw invalid(`There is a directory where a video file was expected: ${path}`, { path });
    await access(path, constants.R_OK);
  } catch (error) {
    if (isDecartError(error)) throw error;
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw invalid(isMissing ? `There is no file ${path}` : `The file ${path} cannot be read.`, { path }, error);
  }
}

function notStarted(ffmpeg: string, error: NodeJS.ErrnoException): DecartError {
  const message =
    error.code === 'ENOENT'
      ? `Reading video files needs ${ffmpeg}, which is not on PATH. Install it (e.g. apt-get install ffmpeg), or pass Y4M.`
      : `${ffmpeg} could not be started.`;
  return invalid(message, { ffmpeg }, error);
}

function undecodable(path: string, complaint: string, cause: unknown): DecartError {
  const lastLine = complaint.trim().split('\n').at(-1) ?? '';
  const reason = lastLine === '' ? 'no frame came out of it' : lastLine;
  return invalid(`The video in ${path} cannot be decoded: ${reason}`, { path, complaint: complaint.trim() }, cause);
}

function aborted(): DecartError {
  return new DecartError({ code: 'ABORTED', message: 'Reading the video file was aborted.' });
}

function invalid(message: string, data?: Readonly<Record<string, unknown>>, cause?: unknown): DecartError {
  return new DecartError({
    code: 'INVALID_INPUT',
    message,
    ...(data && { data }),
    ...(cause !== undefined && cause !== null && { cause }),
  });
}

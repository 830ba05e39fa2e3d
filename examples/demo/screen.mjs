import { renderStatus, statusLine } from './status-view.mjs';
import { seconds } from './text.mjs';

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const CLEAR_TO_END = '\x1b[J';
const CLEAR_LINE_END = '\x1b[K';
const PLAIN_EVERY_MS = 1_000;

/**
 * Shows the status: drawn over in place on a terminal, else one plain line a second and one per event.
 *
 * @param {NodeJS.WriteStream} stream
 * @param {import('./journal.mjs').Journal} journal
 */
export function createScreen(stream, journal) {
  return stream.isTTY === true ? terminalScreen(stream) : plainScreen(stream, journal);
}

function terminalScreen(stream) {
  const hasColour = !process.env.NO_COLOR && stream.hasColors?.() !== false;
  let drawn = 0;
  const restore = () => {
    stream.write(SHOW_CURSOR);
  };
  // However the process ends, the cursor comes back.
  process.once('exit', restore);
  stream.write(HIDE_CURSOR);
  return {
    /** @param {import('./status-view.mjs').Status} status */
    show(status) {
      const columns = stream.columns || 80;
      const rows = stream.rows || 24;
      // What does not fit could not be drawn over.
      const lines = renderStatus(status, { columns, hasColour }).slice(0, rows - 1);
      const up = drawn > 0 ? `\x1b[${drawn}A` : '';
      stream.write(`${up}\r${lines.map((line) => `${line}${CLEAR_LINE_END}\n`).join('')}${CLEAR_TO_END}`);
      drawn = lines.length;
    },
    close() {
      process.off('exit', restore);
      restore();
    },
  };
}

function plainScreen(stream, journal) {
  const write = (atMs, text) => stream.write(`${seconds(atMs).padStart(9)}  ${text}\n`);
  let shownAtMs = Number.NEGATIVE_INFINITY;
  journal.onEvent(({ atMs, text }) => write(atMs, text));
  return {
    /** @param {import('./status-view.mjs').Status} status */
    show(status) {
      if (status.elapsedMs - shownAtMs < PLAIN_EVERY_MS) return;
      shownAtMs = status.elapsedMs;
      write(status.elapsedMs, statusLine(status));
    },
    close() {},
  };
}

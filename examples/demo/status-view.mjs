import { seconds, shorten } from './text.mjs';

/**
 * @typedef {object} Status
 * @property {string} title
 * @property {number} elapsedMs
 * @property {string} state
 * @property {{ position: number, queueSize: number } | null} queue
 * @property {string | null} prompt
 * @property {boolean} isPromptAcked
 * @property {number | null} framesPerSecondOut
 * @property {number | null} framesPerSecondIn
 * @property {number} framesSent
 * @property {number} framesReceived
 * @property {{ medianMs: number | null, p90Ms: number | null, unavailable: string | null } | null} latency
 * @property {{ quality: string, limitingFactor: string, warmingUp: boolean } | null} quality
 * @property {readonly { text: string, atMs: number }[]} events
 */

const EVENTS = 8;
const BAR = 24;

const codes = { bold: 1, faint: 2, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 };

const stateColours = {
  disconnected: 'faint',
  connecting: 'yellow',
  reconnecting: 'yellow',
  connected: 'cyan',
  generating: 'green',
};
const qualityColours = { good: 'green', fair: 'yellow', poor: 'yellow', critical: 'red' };

/**
 * The status as lines of text, none wider than `columns`; always the same number of them.
 *
 * @param {Status} status
 * @param {{ columns: number, hasColour: boolean }} screen
 * @returns {string[]}
 */
export function renderStatus(status, { columns, hasColour }) {
  const width = Math.max(20, Math.min(columns - 1, 96));
  const paint = (text, ...styles) =>
    hasColour ? `\x1b[${styles.map((style) => codes[style]).join(';')}m${text}\x1b[0m` : text;
  const row = (name, text, ...styles) => {
    const value = shorten(text, width - 12);
    return ` ${paint(name.padEnd(10), 'faint')} ${styles.length > 0 ? paint(value, ...styles) : value}`;
  };
  const rule = paint('─'.repeat(width), 'faint');
  const { state, queue, latency, quality, events } = status;
  const clock = `${(status.elapsedMs / 1_000).toFixed(1)} s`;
  const title = shorten(status.title, width - clock.length - 3);
  const latest = events.slice(-EVENTS);
  return [
    rule,
    ` ${paint(title, 'bold')}${' '.repeat(Math.max(1, width - title.length - clock.length - 2))}${clock}`,
    rule,
    row('state', `● ${state}`, stateColours[state] ?? 'blue'),
    row('queue', queueText(queue)),
    row('prompt', status.prompt === null ? '–' : `${status.prompt}${status.isPromptAcked ? '' : '  (sent …)'}`),
    row('video out', rateText(status.framesPerSecondOut, status.framesSent)),
    row('video in', rateText(status.framesPerSecondIn, status.framesReceived)),
    row('latency', latencyText(latency)),
    row('quality', qualityText(quality), ...(quality === null ? [] : [qualityColours[quality.quality] ?? 'blue'])),
    rule,
    ...Array.from({ length: EVENTS }, (_, place) => {
      const event = latest[place];
      return event === undefined
        ? ''
        : ` ${paint(seconds(event.atMs).padStart(9), 'faint')}  ${shorten(event.text, width - 13)}`;
    }),
  ];
}

/** The same in one line, for where nothing can be drawn over. @param {Status} status */
export function statusLine(status) {
  const { state, queue, framesPerSecondIn, framesPerSecondOut, latency, quality } = status;
  return [
    state,
    ...(queue === null ? [] : [`queue ${queueText(queue)}`]),
    `out ${framesPerSecondOut?.toFixed(1) ?? '–'} fps`,
    `in ${framesPerSecondIn?.toFixed(1) ?? '–'} fps`,
    `latency ${latencyText(latency)}`,
    `quality ${qualityText(quality)}`,
    `prompt ${status.prompt ?? '–'}`,
  ].join(' | ');
}

const queueText = (queue) => (queue === null ? '–' : `${queue.position} of ${queue.queueSize}`);

function rateText(framesPerSecond, frames) {
  if (framesPerSecond === null) return '–';
  const filled = Math.max(0, Math.min(BAR, Math.round((framesPerSecond / 30) * BAR)));
  const bar = '█'.repeat(filled) + '░'.repeat(BAR - filled);
  return `${framesPerSecond.toFixed(1).padStart(4)} fps ${bar} ${frames} frames`;
}

function latencyText(latency) {
  if (latency === null) return '–';
  const { medianMs, p90Ms, unavailable } = latency;
  if (medianMs === null) return unavailable === null ? '–' : `– (${unavailable})`;
  return `${medianMs.toFixed(0)} ms median${p90Ms === null ? '' : `, ${p90Ms.toFixed(0)} ms p90`}`;
}

function qualityText(quality) {
  if (quality === null) return '–';
  const { quality: level, limitingFactor, warmingUp } = quality;
  return `${level}${limitingFactor === 'none' ? '' : `, limited by ${limitingFactor}`}${warmingUp ? ' (warming up)' : ''}`;
}

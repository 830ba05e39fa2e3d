import { parseArgs } from 'node:util';
import { DemoError } from './demo-error.mjs';

/**
 * @typedef {object} DemoOptions
 * @property {string | null} input      Video file to publish; `null`: a moving test pattern.
 * @property {string} prompt            The style in force from the first frame on.
 * @property {'echo' | 'restyle'} mode  What the simulated service does to the video.
 * @property {number} seconds           Length of the session, from when it is connected.
 * @property {number | null} maxSeconds  The session's own limit in billed seconds; `null`: none.
 * @property {string} out               Directory for the contact sheet and the summary.
 * @property {string | null} model      Name of a realtime model; `null`: the default.
 * @property {number} port              Port of the simulator; 0: any free one.
 * @property {'livekit' | 'webrtc'} transport  How media travel.
 * @property {string | null} url        A service that runs already, instead of a simulator of our own.
 * @property {boolean} verbose          Show the stack trace of an error.
 * @property {boolean} help
 */

export const usage = `Usage: npm run demo -- [options]

Streams video through a session with a simulated service and back.

  --input FILE         publish this video, over and over: Y4M, or anything else that ffmpeg reads
                       (default: a moving test pattern)
  --prompt TEXT        the first style (default: "Watercolor at dawn")
  --mode restyle|echo  the service changes the picture, or sends it back as it is (default: restyle)
  --seconds N          length of the session, 5 to 600 (default: 15)
  --max-seconds N      end the session by its own limit, after so many billed seconds, 1 to 600
  --out DIR            where contact-sheet.png and summary.json go (default: demo-out)
  --model NAME         a realtime model, for its size (default: the demo's own, 640x360 at 30 fps;
                       with --url lucy-2.1)
  --port N             port of the simulator (default: any free one)
  --url URL            use a service that runs already, e.g. one started by decart-sim; its key is
                       taken from the environment variable DECART_API_KEY
  --transport webrtc   media over a peer connection of their own, the older mode (default: livekit);
                       needs the package @roamhq/wrtc
  --verbose            show stack traces
  --help               show this text
`;

const LEAST_SECONDS = 5;
const MOST_SECONDS = 600;

const known = {
  input: { type: 'string' },
  prompt: { type: 'string' },
  mode: { type: 'string' },
  seconds: { type: 'string' },
  'max-seconds': { type: 'string' },
  out: { type: 'string' },
  model: { type: 'string' },
  port: { type: 'string' },
  url: { type: 'string' },
  transport: { type: 'string' },
  verbose: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
};

/**
 * @param {readonly string[]} argv without node and the script
 * @returns {DemoOptions}
 * @throws {DemoError} naming the option at fault
 */
export function readArguments(argv) {
  const values = parse(argv);
  const mode = values.mode ?? 'restyle';
  if (mode !== 'echo' && mode !== 'restyle') throw new DemoError(`--mode: expected echo or restyle, got "${mode}".`);
  const transport = values.transport ?? 'livekit';
  if (transport !== 'livekit' && transport !== 'webrtc') {
    throw new DemoError(`--transport: expected livekit or webrtc, got "${transport}".`);
  }
  const prompt = values.prompt ?? 'Watercolor at dawn';
  if (prompt.trim() === '') throw new DemoError('--prompt: expected at least one character.');
  return {
    input: values.input === undefined ? null : someText('input', values.input),
    prompt,
    mode,
    transport,
    seconds: numberIn('seconds', values.seconds ?? '15', LEAST_SECONDS, MOST_SECONDS),
    maxSeconds: values['max-seconds'] === undefined ? null : numberIn('max-seconds', values['max-seconds'], 1, 600),
    out: someText('out', values.out ?? 'demo-out'),
    model: values.model === undefined ? null : someText('model', values.model),
    port: wholeNumberIn('port', values.port ?? '0', 0, 65_535),
    url: values.url === undefined ? null : someText('url', values.url),
    verbose: values.verbose ?? false,
    help: values.help ?? false,
  };
}

/** @returns {any} */
function parse(argv) {
  try {
    return parseArgs({ args: [...argv], options: /** @type {any} */ (known), strict: true }).values;
  } catch (error) {
    const [firstSentence] = /** @type {Error} */ (error).message.split('. ');
    throw new DemoError(`${firstSentence.replace(/\.$/, '')}. See --help.`, { cause: error });
  }
}

function someText(name, text) {
  if (text.trim() === '') throw new DemoError(`--${name}: expected a value.`);
  return text;
}

function numberIn(name, text, least, most) {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (number >= least && number <= most) return number;
  throw new DemoError(`--${name}: expected a number from ${least} to ${most}, got "${text}".`);
}

function wholeNumberIn(name, text, least, most) {
  const number = numberIn(name, text, least, most);
  if (Number.isInteger(number)) return number;
  throw new DemoError(`--${name}: expected a whole number, got "${text}".`);
}

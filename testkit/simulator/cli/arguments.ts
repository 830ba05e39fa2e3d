import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DecartError } from '../../../core/errors.js';
import type { Scenario } from '../../scenario/builder.js';
import { parseScenario } from '../../scenario/parse.js';
import { readOptions, type SimulatorOptions } from '../options.js';

export const usage = `decart-sim: Decart's Realtime API on your machine

  --port N             port of signaling and REST; default 0, any free one
  --host ADDRESS       address to listen on; default 127.0.0.1
  --mode echo|restyle  echo sends the video back as it is (default); restyle changes it by prompt and image
  --queue N            places to wait for before a session starts; default 0
  --max-sessions N     sessions at the same time; default no limit
  --credits SECONDS    seconds of generation until the account is used up; default no limit
  --scenario FILE      play this script (JSON) instead of the usual service
  --seed N             seed of the network's random faults; default 1
  --key KEY            the permanent API key; default decart-sim-key
  --strict             refuse keys that were not issued here
  --livekit URL        use this LiveKit server for the media
  --livekit-key K      its API key
  --livekit-secret S   its API secret
  --livekit-relay      let clients reach its signalling by way of the simulator, for faults there
  --verbose            print every received message, and stack traces
  --help               print this`;

export interface CliArguments {
  readonly options: SimulatorOptions;
  readonly verbose: boolean;
  readonly help: boolean;
}

const invalid = (message: string): DecartError => new DecartError({ code: 'INVALID_INPUT', message, permanent: true });

/**
 * Reads the command line.
 * @throws DecartError INVALID_INPUT with one line that names the argument at fault
 */
export function readArguments(args: readonly string[]): CliArguments {
  const values = parse(args);
  const { verbose = false, help = false } = values;
  if (help) return { options: {}, verbose, help };
  const port = wholeNumber('port', values.port);
  const queue = wholeNumber('queue', values.queue);
  const seed = wholeNumber('seed', values.seed);
  const maxSessions = wholeNumber('max-sessions', values['max-sessions']);
  const credits = wholeNumber('credits', values.credits);
  const { host, key, strict } = values;
  const scenario = values.scenario === undefined ? undefined : readScenario(values.scenario);
  const media = livekit(values);
  const options: SimulatorOptions = {
    mode: modeOf(values.mode),
    ...(port !== undefined && { port }),
    ...(queue !== undefined && { queue }),
    ...(seed !== undefined && { seed }),
    ...(maxSessions !== undefined && { maxSessions }),
    ...(credits !== undefined && { credits }),
    ...(scenario !== undefined && { scenario }),
    ...(host !== undefined && { host }),
    ...(key !== undefined && { apiKey: key }),
    ...(strict !== undefined && { strict }),
    ...(media !== undefined && { media }),
  };
  readOptions(options);
  return { options, verbose, help };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        port: { type: 'string', short: 'p' },
        host: { type: 'string' },
        mode: { type: 'string' },
        queue: { type: 'string' },
        'max-sessions': { type: 'string' },
        credits: { type: 'string' },
        scenario: { type: 'string' },
        seed: { type: 'string' },
        key: { type: 'string' },
        strict: { type: 'boolean' },
        livekit: { type: 'string' },
        'livekit-key': { type: 'string' },
        'livekit-secret': { type: 'string' },
        'livekit-relay': { type: 'boolean' },
        verbose: { type: 'boolean', short: 'v' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    // Node's message goes on with advice about positional arguments, of which there are none here.
    const [first = ''] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw invalid(`${first}. See decart-sim --help.`);
  }
}

function readScenario(file: string): Scenario {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw invalid(`--scenario: ${file} cannot be read (${why}).`);
  }
  try {
    return parseScenario(text);
  } catch (error) {
    throw invalid(`--scenario ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw invalid(`--${name}: expected a whole number, got "${text}".`);
  return Number(text);
}

function modeOf(text: string | undefined): 'echo' | 'restyle' {
  if (text === undefined || text === 'echo' || text === 'restyle') return text ?? 'echo';
  throw invalid(`--mode: expected echo or restyle, got "${text}".`);
}

function livekit(values: ReturnType<typeof parse>): SimulatorOptions['media'] {
  const { livekit: url, 'livekit-key': apiKey, 'livekit-secret': apiSecret, 'livekit-relay': relay } = values;
  if (url === undefined && apiKey === undefined && apiSecret === undefined && relay === undefined) return undefined;
  if (url === undefined || apiKey === undefined || apiSecret === undefined) {
    throw invalid('--livekit, --livekit-key and --livekit-secret go together: give all three or none.');
  }
  return { url, apiKey, apiSecret, ...(relay !== undefined && { relay }) };
}

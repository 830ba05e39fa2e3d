import type { Subscription } from 'rxjs';
import type { LocalStream, RemoteStream } from './ports/streams.js';
import type { SessionLoop } from './session/runtime/loop.js';

/** Where log lines go. `console` is one. Lines name events, states and errors; they never hold keys, tokens or prompts. */
export interface Logger {
  /** Events and diagnostics of sessions, by their names. */
  debug(message: string, details?: Readonly<Record<string, unknown>>): void;
  /** Changes of the connection state. */
  info(message: string, details?: Readonly<Record<string, unknown>>): void;
  /** The use of a deprecated name of a model, once for each. */
  warn(message: string, details?: Readonly<Record<string, unknown>>): void;
  /** What `errors$` emits. */
  error(message: string, details?: Readonly<Record<string, unknown>>): void;
}

/** The least severe lines that are logged; `off` for none. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'off';

export const logLevels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'off'];

function write(
  logger: Logger,
  line: Exclude<LogLevel, 'off'>,
  message: string,
  details?: Readonly<Record<string, unknown>>,
): void {
  try {
    logger[line](message, details);
  } catch {
    // A log that fails must not fail what it logs.
  }
}

/** Warns of each deprecated name of a model once. */
export function renamedWarnings(logger: Logger | undefined, level: LogLevel): (name: string, current: string) => void {
  const warned = new Set<string>();
  return (name, current) => {
    if (warned.has(name) || logLevels.indexOf('warn') < logLevels.indexOf(level)) return;
    warned.add(name);
    const message = `decart: the model name ${name} is deprecated; ${current} takes its place`;
    if (logger) write(logger, 'warn', message, { name, current });
  };
}

/** Logs what a session does: events at `debug`, changes of state at `info`, errors at `error`. */
export function logSession<L extends LocalStream, R extends RemoteStream>(
  loop: SessionLoop<L, R>,
  logger: Logger,
  level: LogLevel,
): Subscription {
  const isShown = (line: LogLevel): boolean => logLevels.indexOf(line) >= logLevels.indexOf(level);
  let status = loop.state().status;
  const lines = loop.outputs$.subscribe((output) => {
    if (output.type === 'error' && isShown('error'))
      write(logger, 'error', `decart: ${output.failure.message}`, { code: output.failure.code });
    if (output.type === 'diagnostic' && isShown('debug')) write(logger, 'debug', `decart: ${output.diagnostic.name}`);
  });
  if (isShown('info')) {
    lines.add(
      loop.state$.subscribe((state) => {
        if (state.status !== status) write(logger, 'info', `decart: ${status} -> ${state.status}`);
        status = state.status;
      }),
    );
  }
  if (isShown('debug'))
    lines.add(loop.steps$.subscribe(({ event }) => write(logger, 'debug', `decart: ${event.type}`)));
  return lines;
}

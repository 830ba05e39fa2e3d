// What the command prints, as text.
import type { SimulatedSession } from '../journal.js';
import type { Simulator } from '../simulator.js';

/** Where to connect to, and a line to paste for each SDK. */
export function greeting({ baseUrl, httpBaseUrl, apiKey }: Simulator, mode: string): string {
  return `decart-sim runs (${mode}). Stop it with Ctrl-C.

  signaling  ${baseUrl}
  REST       ${httpBaseUrl}
  API key    ${apiKey}
  faults     curl -H 'X-API-KEY: ${apiKey}' -d '{"kind":"drop-socket","code":1011,"reason":""}' ${httpBaseUrl}/_simulator/faults

  decart-rx        createDecartClient({ apiKey: '${apiKey}', baseUrl: '${baseUrl}', httpBaseUrl: '${httpBaseUrl}' })
  @decartai/sdk    createDecartClient({ apiKey: '${apiKey}', realtimeBaseUrl: '${baseUrl}', baseUrl: '${httpBaseUrl}' })
  Android (Kotlin) DecartClientConfig(apiKey = "${apiKey}", baseUrl = "${baseUrl}", httpBaseUrl = "${httpBaseUrl}")
`;
}

const COLUMNS = [
  ['session', 16],
  ['model', 20],
  ['phase', 14],
  ['time', 8],
  ['prompt', 0],
] as const;

/** The present sessions, one line each under a line of titles. */
export function sessionTable(sessions: readonly SimulatedSession[], nowMs: number): readonly string[] {
  if (sessions.length === 0) return ['no sessions'];
  return [
    row(COLUMNS.map(([title]) => title)),
    ...sessions.map((session) =>
      row([
        session.id.slice(0, 16),
        session.model,
        session.phase === 'queued' ? `queued (${session.position})` : session.phase,
        `${Math.round((nowMs - session.startedAtMs) / 1_000)} s`,
        `${printable(session.prompt ?? '–')}${session.image === 'none' ? '' : ' + image'}`,
      ]),
    ),
  ];
}

const row = (cells: readonly string[]): string =>
  cells
    .map((cell, index) => cell.slice(0, COLUMNS[index]?.[1] || 60).padEnd(COLUMNS[index]?.[1] ?? 0))
    .join('  ')
    .trimEnd();

/** What clients send must not steer the terminal. */
export const printable = (text: string): string => text.replace(/\p{C}/gu, ' ');

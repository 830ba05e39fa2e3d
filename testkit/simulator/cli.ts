#!/usr/bin/env node
// The simulator from a shell.
import type { ScenarioPlay } from '../scenario/run.js';
import { readArguments, usage } from './cli/arguments.js';
import { greeting, printable, sessionTable } from './cli/screen.js';
import { type Simulator, startSimulator } from './simulator.js';

const args = process.argv.slice(2);
const REDRAW_MS = 1_000;

async function main(): Promise<void> {
  const { options, verbose, help } = readArguments(args);
  if (help) {
    console.log(usage);
    return;
  }
  const simulator = await startSimulator({
    ...options,
    control: true,
    onWarning: (text) => console.error(`warning: ${text}`),
  });
  console.log(greeting(simulator, options.mode ?? 'echo'));
  const stopShowing = process.stdout.isTTY && !verbose ? showTable(simulator) : showLines(simulator, verbose);
  const { scenario } = simulator;
  let isOver = false;
  scenario
    ?.finished()
    .then(() => console.log('The scenario is complete.'), fail)
    .finally(() => {
      isOver = true;
    });
  const stop = (): void => {
    stopShowing();
    simulator.close().catch(fail);
    if (scenario && !isOver) reportUnfinished(scenario);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

function reportUnfinished(scenario: ScenarioPlay): void {
  try {
    scenario.assertComplete();
  } catch (error) {
    fail(error);
  }
}

/** Redraws the table of sessions in its place. */
function showTable({ sessions$ }: Simulator): () => void {
  let sessions: Parameters<typeof sessionTable>[0] = [];
  let drawn = 0;
  const draw = (): void => {
    const lines = sessionTable(sessions, Date.now());
    process.stdout.write(`${drawn > 0 ? `\x1b[${drawn}A\x1b[J` : ''}${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  const subscription = sessions$.subscribe((present) => {
    sessions = present;
    draw();
  });
  const timer = setInterval(draw, REDRAW_MS);
  return () => {
    clearInterval(timer);
    subscription.unsubscribe();
  };
}

/** One line per change of a session's phase; `verbose`: per received message, too. */
function showLines({ sessions$, received$ }: Simulator, verbose: boolean): () => void {
  const phases = new Map<string, string>();
  const subscription = sessions$.subscribe((sessions) => {
    const gone = new Set(phases.keys());
    for (const { id, phase, model } of sessions) {
      gone.delete(id);
      if (phases.get(id) === phase) continue;
      phases.set(id, phase);
      console.log(`${id} ${phase} (${printable(model)})`);
    }
    for (const id of gone) {
      phases.delete(id);
      console.log(`${id} closed`);
    }
  });
  if (verbose) {
    subscription.add(
      received$.subscribe(({ sessionId, type }) => console.log(`${sessionId} < ${printable(type ?? 'no message')}`)),
    );
  }
  return () => subscription.unsubscribe();
}

function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  console.error(args.includes('--verbose') && error instanceof Error ? error.stack : `decart-sim: ${message}`);
  process.exitCode = 1;
}

main().catch(fail);

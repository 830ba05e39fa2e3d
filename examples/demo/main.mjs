// Shows live video going through a session and coming back transformed. Usage: npm run demo -- --help
import { readArguments, usage } from './arguments.mjs';
import { openResources } from './open-resources.mjs';

const INTERRUPTED = 130;

async function main() {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort(new Error('Interrupted.'));
  // Whichever way the process is asked to go: a session that is left alone is billed on.
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    const options = readArguments(process.argv.slice(2));
    if (options.help) {
      process.stdout.write(usage);
      return;
    }
    // Loaded late, so that a missing build or package is reported like any other error.
    const { runDemo, writeSummary } = await import('./run-demo.mjs');
    const { summary, sheetPath, summaryPath } = await runDemo(options, interruption.signal);
    const { count, kinds } = await openResources();
    await writeSummary(summaryPath, { ...summary, openResources: count });
    process.stdout.write(`\n${outcome(summary)}\n\n  ${sheetPath}\n  ${summaryPath}\n`);
    if (count > 0) {
      reportFailure(new Error(`Not all is closed at the end: ${kinds.join(', ') || 'the native library'}.`));
      // The one case in which the process would not end by itself.
      process.exit();
    }
  } catch (error) {
    // What an interruption breaks on its way is no news.
    const { aborted, reason } = interruption.signal;
    reportFailure(aborted ? reason : error);
    if (aborted) process.exitCode = INTERRUPTED;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

function outcome({ steadyFps, framesSent, framesReceived, timeToFirstFrameMs, reconnects, usage, end }) {
  const rate = steadyFps.received === null ? '' : `, ${steadyFps.received} fps in steady state`;
  const reconnected = reconnects === 1 ? 'once' : `${reconnects} times`;
  return (
    `${framesSent} frames sent, ${framesReceived} received${rate}. ` +
    `First frame after ${Math.round(timeToFirstFrameMs)} ms, reconnected ${reconnected}. ` +
    `${usage.seconds} s billed, ended by the ${end.by}: ${end.reason}.`
  );
}

function reportFailure(error) {
  process.exitCode = 1;
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  process.stderr.write(`\nThe demo failed: ${message}\n`);
  if (!process.argv.includes('--verbose')) return;
  process.stderr.write(`\n${stack ?? ''}\n`);
  if (error.cause !== undefined) console.error(error.cause);
}

await main();

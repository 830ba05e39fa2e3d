// A Python process that runs the app beside this file, called and listened to line by line.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { filter, firstValueFrom, map, type Observable, ReplaySubject, scan } from 'rxjs';

/** What the app reports by itself. */
export interface AppEvent {
  readonly event: string;
  readonly value: unknown;
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly type: string; readonly message: string };
}

export interface PythonApp {
  /** Everything that it reported, from its start on. */
  readonly events$: Observable<AppEvent>;
  /** Calls a method of the app. Rejects with `type: message` of what Python raised. */
  call(name: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** Resolves when these values of one event have come in this order, whatever came between them. */
  saw(event: string, ...values: readonly unknown[]): Promise<void>;
  /** Ends the process by its end of input. Resolves with its exit code, and what it wrote to its log. */
  end(): Promise<{ readonly code: number | null; readonly log: string }>;
}

/** @param python the interpreter that has the packages */
export async function startPythonApp(python: string, script: string): Promise<PythonApp> {
  const process = spawn(python, ['-u', script], { stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = once(process, 'close');
  const events = new ReplaySubject<AppEvent>();
  const answers = new Map<number, (answer: Answer) => void>();
  let log = '';
  let calls = 0;
  process.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  createInterface({ input: process.stdout }).on('line', (line) => {
    // The native library writes lines of its own, which are no JSON.
    if (!line.startsWith('{')) return;
    const message = JSON.parse(line) as Answer | AppEvent;
    if ('event' in message) events.next(message);
    else answers.get(message.id)?.(message);
  });
  const gone = exited.then(([code]): never => {
    throw new Error(`The Python app ended with ${code}: ${log}`);
  });
  gone.catch(() => {});

  async function call(name: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    calls += 1;
    const id = calls;
    const answered = new Promise<Answer>((resolve) => answers.set(id, resolve));
    process.stdin.write(`${JSON.stringify({ id, call: name, args })}\n`);
    const { result, error } = await Promise.race([answered, gone]);
    if (error !== undefined) throw new Error(`${error.type}: ${error.message}`);
    return result;
  }

  async function saw(event: string, ...values: readonly unknown[]): Promise<void> {
    const inOrder$ = events.pipe(
      filter((reported) => reported.event === event),
      map(({ value }) => value),
      scan((count, value) => (value === values[count] ? count + 1 : count), 0),
      filter((count) => count === values.length),
    );
    await Promise.race([firstValueFrom(inOrder$), gone]);
  }

  await Promise.race([firstValueFrom(events), gone]);
  return {
    events$: events.asObservable(),
    call,
    saw,
    end: async () => {
      process.stdin.end();
      const [code] = await exited;
      return { code, log };
    },
  };
}

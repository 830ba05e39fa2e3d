import Module from 'node:module';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { DecartError } from '../../../core/errors.js';
import { currentHost } from '../../media/node/host.js';
import { within } from '../../media/within.js';
import { isPackageMissing, loadFailure, OtherThreadError } from './load-failure.js';

export type LiveKitNode = typeof import('@livekit/rtc-node');

/** A share in the native library; while any is held it stays running, and keeps the process from exiting. */
export interface NativeHold {
  readonly rtc: LiveKitNode;
  /**
   * Releases the share. The last one shuts the native library down, so that the process can exit; acquiring it later
   * starts it again. Idempotent.
   */
  release(): Promise<void>;
}

/**
 * `@livekit/rtc-node`, loaded, started and quiet: it would log to stdout, and its native half to stderr. Once started
 * it keeps the process from exiting, so load it through {@link acquireLiveKitNode}, which shuts it down again.
 */
export async function loadLiveKitNode(): Promise<LiveKitNode> {
  const shares = processShares();
  if (!shares.isLoaded && !isMainThread && isLoadedInProcess()) throw new OtherThreadError();
  const rtc = await withEnvironment('RUST_LOG', 'off', async () => {
    requireFirst();
    // Bundlers leave it outside: its native half is a file that they cannot read.
    const loaded = await import(/* webpackIgnore: true */ /* turbopackIgnore: true */ '@livekit/rtc-node');
    shares.isLoaded = true;
    startNativeHalf(loaded);
    return loaded;
  });
  silenceLogger();
  return rtc;
}

// The native library calls back into the thread that started it last: the session of any other thread freezes.
// Which libraries are loaded is the one thing that all threads of a process see.
function isLoadedInProcess(): boolean {
  const report = process.report.getReport() as { readonly sharedObjects?: readonly string[] };
  return report.sharedObjects?.some((file) => /[\\/]rtc-node\.[^\\/]*\.node$/.test(file)) ?? false;
}

// Not by the name of its own: webpack takes an imported `createRequire` for its own to resolve.
const requireOfApp = (): NodeJS.Require => Module.createRequire(join(process.cwd(), 'any.js'));

// Where its native half is missing, import() rejects and leaves a second rejection behind, which ends the process
// (Node 20). require() just throws, and what it has loaded is what import() gives.
function requireFirst(): void {
  try {
    requireOfApp()('@livekit/rtc-node');
  } catch (error) {
    // It may be installed elsewhere than in the working directory.
    if (!isPackageMissing(error)) throw error;
  }
}

// It starts, and reads its log level, with the first call: here the smallest there is, on a picture of 2x2.
function startNativeHalf(rtc: LiveKitNode): void {
  const { I420, RGBA } = rtc.VideoBufferType;
  new rtc.VideoFrame(new Uint8Array(6), 2, 2, I420).convert(RGBA);
}

/**
 * Takes a share in the native library, loading it if need be.
 * Rejects with a `DecartError` that names cause and remedy when it cannot be loaded.
 */
export async function acquireLiveKitNode(load: () => Promise<LiveKitNode> = loadLiveKitNode): Promise<NativeHold> {
  const shares = processShares();
  // Nothing that failed is loaded twice: it fails again, and may end the process.
  if (shares.failed.has(load)) throw new DecartError(loadFailure(shares.failed.get(load), currentHost()));
  shares.count += 1;
  try {
    await shares.shutdown;
    const rtc = await load();
    return { rtc, release: releaseOnce(shares, rtc) };
  } catch (error) {
    shares.count -= 1;
    shares.failed.set(load, error);
    throw new DecartError(loadFailure(error, currentHost()));
  }
}

/** Runs `call` and finds the listeners it leaves on the native library's event source, to take off what it forgets. */
export function trackListeners<T>(call: () => T): { readonly result: T; removeListeners(): void } {
  const before = new Set(eventSource()?.listeners(ffiEvent));
  const result = call();
  const source = eventSource();
  const added = source?.listeners(ffiEvent).filter((listener) => !before.has(listener)) ?? [];
  const { own } = processShares();
  for (const listener of added) own.add(listener);
  return {
    result,
    removeListeners: () => {
      for (const listener of added) source?.off(ffiEvent, listener);
    },
  };
}

/** Whether the native library has still to answer someone, a join that was given up, say. */
export const isAnswerPending = (): boolean => (eventSource()?.listeners(ffiEvent).length ?? 0) > 0;

const ffiEvent = 'ffi_event';
const shutdownLimitMs = 2_000;

type Listener = (...args: never[]) => unknown;

interface EventSource {
  listeners(event: string): Listener[];
  off(event: string, listener: Listener): unknown;
}

interface Shares {
  count: number;
  /** In this thread. */
  isLoaded: boolean;
  /** What each way of loading failed with, for the life of the process. */
  failed: WeakMap<() => Promise<LiveKitNode>, unknown>;
  /** Listeners that we left on the event source; all others there belong to other code. */
  own: WeakSet<Listener>;
  shutdown: Promise<void>;
}

// There is one native library in a process, however many copies of this module there are (ES module, CommonJS).
const sharesKey = Symbol.for('decart-rx/livekit-node');

function processShares(): Shares {
  const scope = globalThis as { [sharesKey]?: Shares };
  scope[sharesKey] ??= {
    count: 0,
    isLoaded: false,
    failed: new WeakMap(),
    own: new WeakSet(),
    shutdown: Promise.resolve(),
  };
  return scope[sharesKey];
}

function releaseOnce(shares: Shares, rtc: LiveKitNode): () => Promise<void> {
  let released: Promise<void> | undefined;
  return () => {
    released ??= (async () => {
      shares.count -= 1;
      if (shares.count > 0 || isUsedByOthers(shares)) return;
      shares.shutdown = shutDown(rtc);
      await shares.shutdown;
    })();
    return released;
  };
}

// A program that uses the native library on its own as well must not have its rooms torn down by us.
function isUsedByOthers({ own }: Shares): boolean {
  return (
    eventSource()
      ?.listeners(ffiEvent)
      .some((listener) => !own.has(listener)) ?? false
  );
}

// What keeps the process alive is the callback that the native library was started with; shutting it down drops
// the callback. The JavaScript half keeps its started client in a global and would go on talking to the one that is
// gone: without it, the next use starts a new one. Shutting down answers a join that was given up: whoever waits for
// that answer would go on, and start a new one, too, which nobody shuts down.
async function shutDown(rtc: LiveKitNode): Promise<void> {
  const scope = globalThis as { _ffiClientInstance?: EventSource };
  const source = scope._ffiClientInstance;
  for (const listener of source?.listeners(ffiEvent) ?? []) source?.off(ffiEvent, listener);
  scope._ffiClientInstance = undefined;
  await within(shutdownLimitMs, rtc.dispose());
}

function eventSource(): EventSource | undefined {
  return (globalThis as { _ffiClientInstance?: EventSource })._ffiClientInstance;
}

// Its logger is not exported, but it is in the module cache, which is one for all in a process.
function silenceLogger(): void {
  // Where there is no such cache, the library logs: that is no reason to fail.
  const { cache = {} } = requireOfApp();
  for (const [file, module] of Object.entries(cache)) {
    if (!/@livekit[\\/]rtc-node[\\/]dist[\\/]log\.cjs$/.test(file)) continue;
    const exported = module?.exports as { log?: { level: string } } | undefined;
    if (exported?.log) exported.log.level = 'silent';
  }
}

// A level that the user has set stands.
async function withEnvironment<T>(name: string, value: string, run: () => Promise<T>): Promise<T> {
  if (process.env[name] !== undefined) return run();
  process.env[name] = value;
  try {
    return await run();
  } finally {
    delete process.env[name];
  }
}

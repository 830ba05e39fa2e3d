import { interval, Subscription } from 'rxjs';
import { createFrameRate, createSteadyRate } from './frame-rate.mjs';
import { isLive } from './session.mjs';

const READ_EVERY_MS = 250;

/**
 * Counts frames over all streams of a session, and how fast they come.
 *
 * @param {import('decart-rx/node').DecartClient['realtime']} realtime
 * @param {import('decart-rx/node').NodeLocalStream} local
 * @param {() => number} now milliseconds
 */
export function createMeter(realtime, local, now) {
  const subscription = new Subscription();
  /** @type {import('decart-rx/node').NodeRemoteStream[]} a new one after each (re)connect */
  const streams = [];
  const rates = { out: createFrameRate(), in: createFrameRate() };
  const steady = { out: createSteadyRate(), in: createSteadyRate() };
  const received = () => streams.reduce((sum, { framesReceived }) => sum + framesReceived, 0);
  let state = 'disconnected';
  /** @type {number | null} */
  let framesPerSecondOut = null;
  /** @type {number | null} */
  let framesPerSecondIn = null;

  const read = () => {
    const atMs = now();
    framesPerSecondOut = rates.out.read(atMs, local.framesSent);
    framesPerSecondIn = rates.in.read(atMs, received());
    steady.out.read(atMs, local.framesSent, isLive(state));
    steady.in.read(atMs, received(), isLive(state));
  };
  subscription.add(
    realtime.connectionState$.subscribe((next) => {
      read();
      state = next;
    }),
  );
  subscription.add(
    realtime.remoteStream$.subscribe((stream) => {
      if (stream !== null && !streams.includes(stream)) streams.push(stream);
    }),
  );
  subscription.add(interval(READ_EVERY_MS).subscribe(read));

  return {
    get framesSent() {
      return local.framesSent;
    },
    get framesReceived() {
      return received();
    },
    get framesPerSecondOut() {
      return framesPerSecondOut;
    },
    get framesPerSecondIn() {
      return framesPerSecondIn;
    },
    get steady() {
      return { sent: steady.out.framesPerSecond, received: steady.in.framesPerSecond };
    },
    stop: () => subscription.unsubscribe(),
  };
}

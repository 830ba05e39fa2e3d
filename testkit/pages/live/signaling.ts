// The service's signaling in the page: the simulator's own state machine on sockets in memory.
import { asyncScheduler, type SchedulerLike, type Subscription } from 'rxjs';
import { decodeClientMessage } from '../../../core/protocol/codec.js';
import { encodeServerMessage } from '../../../core/protocol/encode.js';
import type { MemorySocket } from '../../../transports/memory/index.js';
import type { StyleChange } from '../../service/state-request.js';
import type { FaultDeck } from '../../simulator/signaling/fault-deck.js';
import { asksForAck, isJoin } from '../../simulator/signaling/occasions.js';
import {
  initialSession,
  reduceServiceSession,
  type SessionSettings,
  type SessionState,
} from '../../simulator/signaling/session.js';
import type { SessionEffect, SessionTimer } from '../../simulator/signaling/session-effects.js';
import type { SessionEvent } from '../../simulator/signaling/session-events.js';

/** What a session sends to the page's media. */
export interface SessionMedia {
  changeStyle(roomName: string, change: StyleChange): void;
}

/** One session of the service. */
export interface PageSession {
  readonly roomName: string;
  dispatch(event: SessionEvent): void;
  sendRaw(frame: string): void;
  drop(code: number, reason: string): void;
}

const settingsOf = (number: number): SessionSettings => ({
  sessionId: `session-${number}`,
  roomName: `room-${number}`,
  queue: 0,
  queueIntervalMs: 1000,
  ackDelayMs: 120,
  tickIntervalMs: 1000,
  generationStart: 'media',
  maxSeconds: null,
  serverAddress: { ip: '127.0.0.1', port: 0 },
  hasFile: () => false,
});

/** Runs a session on a socket until that closes. `ended` is called once, then. */
export function hostInPage(
  socket: MemorySocket,
  number: number,
  deck: FaultDeck,
  media: SessionMedia,
  ended: () => void,
  scheduler: SchedulerLike = asyncScheduler,
): PageSession {
  const settings = settingsOf(number);
  const { roomName } = settings;
  const timers = new Map<SessionTimer, Subscription>();
  let state: SessionState = initialSession(settings);

  function dispatch(event: SessionEvent): void {
    if (socket.state !== 'open') return;
    const [next, effects] = reduceServiceSession(state, event);
    state = next;
    for (const effect of effects) run(effect);
  }

  function run(effect: SessionEffect): void {
    switch (effect.type) {
      case 'send':
        return socket.deliver(encodeServerMessage(effect.message));
      case 'socket.close':
        return socket.closeByServer(effect.code, effect.reason);
      case 'room.open':
        return dispatch({ type: 'room.opened', url: 'wss://in-this.page', token: roomName });
      case 'offer.answer':
        return dispatch({ type: 'room.failed', reason: 'This page has no direct WebRTC: choose the LiveKit room.' });
      case 'style.change':
        return media.changeStyle(roomName, effect.change);
      case 'second.charge':
        return dispatch({ type: 'second.charged', charge: 'paid' });
      case 'timer.start':
        return startTimer(effect.timer, effect.afterMs);
    }
  }

  function startTimer(timer: SessionTimer, afterMs: number): void {
    timers.get(timer)?.unsubscribe();
    timers.set(
      timer,
      scheduler.schedule(() => {
        timers.delete(timer);
        dispatch({ type: 'timer.fired', timer });
      }, afterMs),
    );
  }

  const received = (text: string): void => {
    const frame = decodeClientMessage(text);
    dispatch({
      type: 'frame.received',
      frame,
      join: isJoin(frame, state) ? deck.nextJoin() : { kind: 'served' },
      ack: asksForAck(frame) ? deck.nextAck() : { kind: 'normal' },
    });
  };
  socket.received$.subscribe({
    next: received,
    complete: () => {
      for (const timer of timers.values()) timer.unsubscribe();
      timers.clear();
      ended();
    },
  });
  socket.accept();
  return {
    roomName,
    dispatch,
    sendRaw: (frame) => socket.deliver(frame),
    drop: (code, reason) => socket.closeByServer(code, reason),
  };
}

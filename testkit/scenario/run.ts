// Runs a script on a stage. Decides nothing.
import {
  BehaviorSubject,
  distinctUntilChanged,
  filter,
  firstValueFrom,
  map,
  type Observable,
  type SchedulerLike,
  Subscription,
} from 'rxjs';
import { decodeClientMessage } from '../../core/protocol/codec.js';
import type { StyleChange } from '../service/state-request.js';
import {
  initialPlay,
  type OpenedRoom,
  type PlayEffect,
  type PlayEvent,
  type PlayState,
  type PlayStatus,
  statusOf,
} from './play.js';
import { reducePlay } from './reduce.js';
import { report } from './report.js';
import type { ScenarioFault, ScenarioMediaEvent, ScenarioStep } from './step.js';

/** A script that failed, or that was not played to its end. The message holds the steps and what has happened. */
export class ScenarioError extends Error {
  /** Distinguishes it from other errors. */
  override readonly name = 'ScenarioError';
}

/** A script that is being played. */
export interface ScenarioPlay {
  /** State-like: `playing`, then `complete` or `failed`. A complete play fails when something is left over. */
  readonly status$: Observable<PlayStatus>;
  /** What has happened so far, a line each. */
  readonly transcript: readonly string[];
  /** Resolves when every step has been played; rejects with a `ScenarioError` when one could not be. */
  finished(): Promise<void>;
  /** Throws a `ScenarioError` unless every step has been played and nothing was left over. */
  assertComplete(): void;
}

/**
 * Where a script is played: sockets and rooms of some kind. It calls the runner with what happens to them.
 *
 * Obligations: nothing here throws; a socket or room that is gone is passed over.
 */
export interface ScenarioStage {
  accept(socket: number): void;
  refuse(socket: number, status: number): void;
  send(socket: number, data: string | Uint8Array): void;
  close(socket: number, code: number, reason: string): void;
  /** Something happens in the client's room, which may be there by itself. */
  media(socket: number, event: ScenarioMediaEvent): void;
  /** Answered by `roomOpened` or `roomFailed`. */
  openRoom(socket: number): void;
  /** Direct WebRTC. Answered by `offerAnswered` or `roomFailed`. */
  answerOffer(socket: number, sdp: string): void;
  changeStyle(socket: number, change: StyleChange): void;
  fault(socket: number, fault: ScenarioFault): void;
}

export interface ScenarioRunner {
  readonly play: ScenarioPlay;
  connecting(socket: number, query: URLSearchParams): void;
  received(socket: number, frame: string | Uint8Array): void;
  closed(socket: number, code: number, reason: string): void;
  roomOpened(socket: number, room: OpenedRoom): void;
  offerAnswered(socket: number, sdp: string): void;
  roomFailed(socket: number, reason: string): void;
  mediaStarted(socket: number): void;
  /** Stops the script's timers. */
  stop(): void;
}

type Fact<E> = E extends PlayEvent ? Omit<E, 'atMs'> : never;

export function runScenario(
  steps: readonly ScenarioStep[],
  stage: ScenarioStage,
  scheduler: SchedulerLike,
): ScenarioRunner {
  const stateSubject = new BehaviorSubject<PlayState>(initialPlay(steps));
  const timers = new Subscription();
  const startMs = scheduler.now();
  const facts: PlayEvent[] = [];
  let isRunning = false;

  // An effect may bring about the next fact before it returns.
  function happen(fact: Fact<PlayEvent>): void {
    facts.push({ ...fact, atMs: scheduler.now() - startMs } as PlayEvent);
    if (isRunning) return;
    isRunning = true;
    for (let next = facts.shift(); next !== undefined; next = facts.shift()) {
      const [state, effects] = reducePlay(stateSubject.value, next);
      for (const effect of effects) run(effect);
      stateSubject.next(state);
    }
    isRunning = false;
  }

  function run(effect: PlayEffect): void {
    switch (effect.type) {
      case 'socket.accept':
        stage.accept(effect.socket);
        break;
      case 'socket.refuse':
        stage.refuse(effect.socket, effect.status);
        break;
      case 'socket.send':
        stage.send(effect.socket, effect.data);
        break;
      case 'socket.close':
        stage.close(effect.socket, effect.code, effect.reason);
        break;
      case 'room.open':
        stage.openRoom(effect.socket);
        break;
      case 'offer.answer':
        stage.answerOffer(effect.socket, effect.sdp);
        break;
      case 'media.happen':
        stage.media(effect.socket, effect.event);
        break;
      case 'style.change':
        stage.changeStyle(effect.socket, effect.change);
        break;
      case 'fault':
        stage.fault(effect.socket, effect.fault);
        break;
      case 'timer.start': {
        const { timer, afterMs } = effect;
        timers.add(scheduler.schedule(() => happen({ type: 'timer.fired', timer }), afterMs));
        break;
      }
    }
  }

  const play: ScenarioPlay = {
    status$: stateSubject.pipe(map(statusOf), distinctUntilChanged()),
    get transcript() {
      return stateSubject.value.transcript;
    },
    finished: async () => {
      const state = await firstValueFrom(stateSubject.pipe(filter((now) => statusOf(now) !== 'playing')));
      if (statusOf(state) === 'failed') throw new ScenarioError(report(state));
    },
    assertComplete: () => {
      if (statusOf(stateSubject.value) !== 'complete') throw new ScenarioError(report(stateSubject.value));
    },
  };
  return {
    play,
    connecting: (socket, query) =>
      happen({ type: 'socket.connecting', socket, query: Object.fromEntries(withoutKey(query)) }),
    received: (socket, frame) => happen({ type: 'frame.received', socket, frame: decodeClientMessage(frame) }),
    closed: (socket, code, reason) => happen({ type: 'socket.closed', socket, code, reason }),
    roomOpened: (socket, room) => happen({ type: 'room.opened', socket, room }),
    offerAnswered: (socket, sdp) => happen({ type: 'offer.answered', socket, sdp }),
    roomFailed: (socket, reason) => happen({ type: 'room.failed', socket, reason }),
    mediaStarted: (socket) => happen({ type: 'media.started', socket }),
    stop: () => timers.unsubscribe(),
  };
}

const withoutKey = (query: URLSearchParams): [string, string][] => [...query].filter(([name]) => name !== 'api_key');

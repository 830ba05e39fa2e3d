// Runs one session's state machine on one socket. Decides nothing.
import type { SchedulerLike, Subscription } from 'rxjs';
import type { WebSocket } from 'ws';
import { isAvatarModel } from '../../../core/models.js';
import { decodeClientMessage } from '../../../core/protocol/codec.js';
import { encodeServerMessage } from '../../../core/protocol/encode.js';
import type { Account, SessionSlot } from '../account.js';
import type { Journal } from '../journal.js';
import type { MediaService } from '../media/media-service.js';
import type { FaultDeck } from './fault-deck.js';
import { asksForAck, isJoin } from './occasions.js';
import { initialSession, reduceServiceSession, type SessionSettings, type SessionState } from './session.js';
import type { SessionEffect, SessionTimer } from './session-effects.js';
import type { SessionEvent } from './session-events.js';
import { styleOf } from './style.js';
import { dropSocket, recordOf, toBytes } from './wire.js';

export interface SessionHostContext {
  readonly media: MediaService;
  readonly faults: FaultDeck;
  readonly journal: Journal;
  readonly scheduler: SchedulerLike;
  readonly account: Pick<Account, 'charge'>;
  /** The bytes of an uploaded file; `null` when there is none with this id, or it was too large to keep. */
  readonly readFile: (fileId: string) => Uint8Array | null;
}

/** What the session's URL said. */
export interface SessionRequest {
  readonly model: string;
  readonly resolution: string | null;
  readonly pixelLatency: boolean;
}

/** One running session, as the operator sees it. */
export interface SessionHost {
  readonly sessionId: string;
  readonly roomName: string;
  dispatch(event: SessionEvent): void;
  /** Writes to the socket past the state machine. */
  sendRaw(data: string | Uint8Array): void;
  /** Closes the socket. 1005 and 1006 cannot be sent: they cut it without a close frame. */
  drop(code: number, reason: string): void;
  /** Resolves once the socket is closed and nothing of the session is left. */
  readonly closed: Promise<void>;
}

/** Close codes of a client that leaves on purpose: done, going away, or closed without a code. */
const CLEAN_CLOSES: readonly number[] = [1000, 1001, 1005];

/** @param slot the session's place in the account; `null` for one that is about to be refused */
export function hostSession(
  socket: WebSocket,
  request: SessionRequest,
  settings: SessionSettings,
  slot: SessionSlot | null,
  context: SessionHostContext,
): SessionHost {
  const { media, faults, journal, scheduler, account } = context;
  const { sessionId, roomName } = settings;
  const startedAtMs = scheduler.now();
  const timers = new Map<SessionTimer, Subscription>();
  let state: SessionState = initialSession(settings);
  let open = true;

  function dispatch(event: SessionEvent): void {
    if (!open) return;
    const [next, effects] = reduceServiceSession(state, event);
    state = next;
    for (const effect of effects) run(effect);
    if (state.phase === 'ended') slot?.release(true);
    if (open) publish();
  }

  function publish(): void {
    const { phase, position, prompt, image, seconds } = state;
    journal.update({ id: sessionId, ...request, roomName, phase, position, prompt, image, seconds, startedAtMs });
  }

  function run(effect: SessionEffect): void {
    switch (effect.type) {
      case 'send':
        sendRaw(encodeServerMessage(effect.message));
        break;
      case 'socket.close':
        drop(effect.code, effect.reason);
        break;
      case 'room.open':
        openRoom();
        break;
      case 'offer.answer':
        answerOffer(effect.sdp);
        break;
      case 'style.change':
        media.changeStyle(roomName, styleOf(effect.change, context.readFile));
        break;
      case 'second.charge':
        dispatch({ type: 'second.charged', charge: account.charge() });
        break;
      case 'timer.start':
        startTimer(effect.timer, effect.afterMs);
        break;
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

  const identity = `client-${sessionId}`;
  const roomFailed = (error: unknown): void =>
    dispatch({ type: 'room.failed', reason: error instanceof Error ? error.message : String(error) });

  function openRoom(): void {
    media
      .openRoom({ room: roomName, identity, pixelLatency: request.pixelLatency, avatar: isAvatarModel(request.model) })
      .then((access) => dispatch({ type: 'room.opened', ...access }), roomFailed);
  }

  function answerOffer(sdp: string): void {
    media
      .answerOffer({ room: roomName, identity, canPublish: true, sdp })
      .then((answer) => dispatch({ type: 'offer.answered', ...answer }), roomFailed);
  }

  function sendRaw(data: string | Uint8Array): void {
    if (socket.readyState === socket.OPEN) socket.send(data);
  }

  const drop = (code: number, reason: string): void => dropSocket(socket, code, reason);

  const closed = new Promise<void>((resolve) => {
    socket.once('close', (code) => {
      open = false;
      slot?.release(CLEAN_CLOSES.includes(code));
      for (const timer of timers.values()) timer.unsubscribe();
      timers.clear();
      media.closeRoom(roomName);
      journal.remove(sessionId);
      resolve();
    });
  });
  // 'close' follows every error; there is nothing else to do about one.
  socket.on('error', () => {});
  socket.on('message', (data, isBinary) => {
    const bytes = toBytes(data);
    const input = isBinary ? bytes : bytes.toString('utf8');
    const frame = decodeClientMessage(input);
    journal.record({ sessionId, atMs: scheduler.now(), ...recordOf(input) }, bytes.length);
    dispatch({
      type: 'frame.received',
      frame,
      join: isJoin(frame, state) ? faults.nextJoin() : { kind: 'served' },
      ack: asksForAck(frame) ? faults.nextAck() : { kind: 'normal' },
    });
  });
  publish();

  return { sessionId, roomName, dispatch, sendRaw, drop, closed };
}

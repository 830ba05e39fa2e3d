import { BehaviorSubject, type Observable, Subject } from 'rxjs';
import type { ImageKind } from '../service/state-request.js';
import type { SessionPhase } from './signaling/session.js';

/** A frame that a client sent, in the order of arrival over all sessions. */
export interface ReceivedMessage {
  /** The session whose socket it came on. */
  readonly sessionId: string;
  /** The simulator's scheduler's clock. */
  readonly atMs: number;
  /** The message's type; `null` when the frame was no message. */
  readonly type: string | null;
  /**
   * The parsed JSON, images and all; for a frame that is not JSON, the frame as it came. `null` for frames of more than
   * 16 kB once the simulator is closed.
   */
  readonly message: unknown;
}

/** A session as it stands. */
export interface SimulatedSession {
  /** What a client knows as `sessionId`. */
  readonly id: string;
  /** The model's name, as in the URL. */
  readonly model: string;
  /** As in the URL; `null` when it names none. */
  readonly resolution: string | null;
  /** Whether latency markers are carried from input to output frames. */
  readonly pixelLatency: boolean;
  /** Its room on the media server. */
  readonly roomName: string;
  /** How far it is. */
  readonly phase: SessionPhase;
  /** Place in the queue; 0 outside of it. */
  readonly position: number;
  /** The prompt in force; `null`: none. */
  readonly prompt: string | null;
  /** The reference image in force. */
  readonly image: ImageKind;
  /** Ticks sent so far. */
  readonly seconds: number;
  /** When its socket came, milliseconds of the simulator's scheduler. */
  readonly startedAtMs: number;
}

/** What was received, and which sessions there are. */
export interface Journal {
  /** The latest messages, oldest first. A live view: it grows. The newest is kept at any size. */
  readonly received: readonly ReceivedMessage[];
  /** Event-like: does not replay. */
  readonly received$: Observable<ReceivedMessage>;
  /** State-like: replays the present list. Sessions whose socket is closed are not in it. */
  readonly sessions$: Observable<readonly SimulatedSession[]>;
  /** The present list. */
  sessions(): readonly SimulatedSession[];
  /** Whether a present session has this room and is in it. */
  hasRoom(roomName: string): boolean;
  /** @param sizeBytes the frame's size */
  record(message: ReceivedMessage, sizeBytes: number): void;
  update(session: SimulatedSession): void;
  remove(sessionId: string): void;
  /** Completes the streams, and lets go of large messages: a simulator that is closed may be referred to for long. */
  complete(): void;
}

/** Images travel in messages: their number alone limits nothing. */
const KEPT_BYTES = 16 * 1024 * 1024;
const LARGE_BYTES = 16 * 1024;

/** @param limit messages that are kept */
export function createJournal(limit: number): Journal {
  const received: ReceivedMessage[] = [];
  const sizes: number[] = [];
  let keptBytes = 0;
  const receivedSubject = new Subject<ReceivedMessage>();
  const sessions = new Map<string, SimulatedSession>();
  const sessionsSubject = new BehaviorSubject<readonly SimulatedSession[]>([]);
  return {
    received,
    received$: receivedSubject.asObservable(),
    sessions$: sessionsSubject.asObservable(),
    sessions: () => sessionsSubject.value,
    hasRoom: (roomName) =>
      sessionsSubject.value.some(
        (session) => session.roomName === roomName && (session.phase === 'in-room' || session.phase === 'generating'),
      ),
    record: (message, sizeBytes) => {
      received.push(message);
      sizes.push(sizeBytes);
      keptBytes += sizeBytes;
      while (received.length > limit || (keptBytes > KEPT_BYTES && received.length > 1)) {
        received.shift();
        keptBytes -= sizes.shift() ?? 0;
      }
      receivedSubject.next(message);
    },
    update: (session) => {
      sessions.set(session.id, session);
      sessionsSubject.next([...sessions.values()]);
    },
    remove: (sessionId) => {
      if (sessions.delete(sessionId)) sessionsSubject.next([...sessions.values()]);
    },
    complete: () => {
      received.forEach((message, index) => {
        if ((sizes[index] ?? 0) > LARGE_BYTES) received[index] = { ...message, message: null };
      });
      receivedSubject.complete();
      sessionsSubject.complete();
    },
  };
}

import type { SignalingTransport } from '../../core/ports/signaling.js';

/** Supplies the transport to be proven and plays the server for it. */
export interface SignalingHarness {
  /** A fresh transport and server for one case. */
  start(): Promise<SignalingStage>;
}

/** A transport with a server around it, for one case. */
export interface SignalingStage {
  /** The transport to be proven. */
  readonly transport: SignalingTransport;
  /** Where the transport reaches the server; the cases add a query. */
  readonly url: string;
  /** An address without a server; `null` where there is no such thing. */
  readonly unreachableUrl: string | null;
  /** Whether the platform exposes the HTTP status of a refused upgrade. */
  readonly tellsHttpStatus: boolean;
  /** How many connections the server has seen, refused ones and closed ones too. */
  connectionCount(): number;
  /** The next connection, held until the case accepts or refuses it. */
  nextConnection(): Promise<StagedConnection>;
  /** Resolves when the server has no connection left. */
  idle(): Promise<void>;
  /** Makes the transport's time pass, where it is virtual; without it the cases wait. */
  elapse?(ms: number): void;
  /** Ends the stage and frees everything, after each case. */
  stop(): Promise<void>;
  /** How long to wait for any one event, in ms. @default 4000 */
  readonly limitMs?: number;
}

/** A connection, as the server sees it. */
export interface StagedConnection {
  /** The address that the client asked for, or its path and query. */
  readonly url: string;
  /** Answers the upgrade: the socket is open. */
  accept(): void;
  /** Answers the upgrade with an HTTP status instead. */
  refuse(httpStatus: number): void;
  /** Sends a frame to the client: text, or bytes. */
  send(frame: string | Uint8Array): void;
  /** Closes it with a close frame. */
  close(code: number, reason: string): void;
  /** Breaks the connection without a close frame. */
  drop(): void;
  /** From now on nothing that the client does is answered, not even a close; `null` where that cannot be played. */
  readonly stall: (() => void) | null;
  /** The next frame from the client. */
  nextFrame(): Promise<string>;
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>;
}

import type { SignalingSocket, SocketEvent } from '../../core/ports/signaling.js';
import { type ConformanceCase, check, Recorder, within } from './case.js';
import type { SignalingStage, StagedConnection } from './signaling-stage.js';

const LIMIT_MS = 4_000;
export const SECRET = 'key-that-nobody-may-see';

export interface Opened {
  readonly socket: SignalingSocket;
  readonly recorder: Recorder<SocketEvent>;
  readonly connection: StagedConnection;
}

export type Rule = (name: string, body: (stage: SignalingStage) => Promise<void>) => ConformanceCase;

export function limitOf(stage: SignalingStage): number {
  return stage.limitMs ?? LIMIT_MS;
}

export function addressOf(stage: SignalingStage): string {
  return `${stage.url}?api_key=${SECRET}`;
}

export async function connecting(stage: SignalingStage): Promise<Opened> {
  const socket = stage.transport.open({ url: addressOf(stage) });
  const recorder = new Recorder(socket.events$, limitOf(stage)).start();
  const connection = await within(stage.nextConnection(), limitOf(stage), () => 'a connection');
  return { socket, recorder, connection };
}

export async function opened(stage: SignalingStage): Promise<Opened> {
  const parts = await connecting(stage);
  parts.connection.accept();
  await parts.recorder.until('opened');
  return parts;
}

export function recorderClose({ recorder, socket }: Opened): void {
  recorder.call('close', () => socket.close());
}

export async function closed(socket: SignalingSocket, recorder: Recorder<SocketEvent>): Promise<void> {
  recorder.call('close', () => socket.close());
  await recorder.ended();
}

export function nextFrame(stage: SignalingStage, connection: StagedConnection): Promise<string> {
  return within(connection.nextFrame(), limitOf(stage), () => 'a frame at the server');
}

export function frames(recorder: Recorder<SocketEvent>): (string | Uint8Array)[] {
  return recorder.events.flatMap((event) => (event.type === 'message' ? [event.data] : []));
}

export function checkNoSecret(things: readonly unknown[]): void {
  check(!JSON.stringify(things).includes(SECRET), 'The key of the address shows.');
}

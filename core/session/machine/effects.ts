import type { Failure } from '../../errors.js';
import type { PeerSignal, PublishOptions } from '../../ports/media.js';
import type { ClientMessage } from '../../protocol/client-messages.js';
import type { ConnectPlan } from './connect-plan.js';
import type { UntimedEvent } from './events.js';
import type { SessionOutput } from './outputs.js';
import type { Timer } from './timers.js';

/** What a signaling URL is made of, but for the key, which is asked for when the socket is opened. */
export type SocketOptions = Pick<ConnectPlan, 'model' | 'resolution' | 'queryParams' | 'pixelLatency'>;

/** An order to the outside, as plain data. Carried out in the order given; never by the reducer. */
export type SessionEffect =
  | { readonly type: 'socket.open'; readonly attempt: number; readonly options: SocketOptions }
  | { readonly type: 'socket.send'; readonly attempt: number; readonly message: ClientMessage }
  | { readonly type: 'socket.ping'; readonly attempt: number }
  | { readonly type: 'socket.close'; readonly attempt: number; readonly code: number; readonly reason: string }
  | { readonly type: 'room.preload'; readonly transport: ConnectPlan['transport'] }
  | { readonly type: 'room.prepare'; readonly attempt: number; readonly url: string; readonly token: string }
  | {
      readonly type: 'room.join';
      readonly attempt: number;
      readonly connectId: number;
      readonly publish: PublishOptions;
    }
  | ({
      readonly type: 'room.joinDirect';
      readonly attempt: number;
      readonly connectId: number;
    } & Pick<ConnectPlan, 'publish' | 'playsAudio'>)
  | { readonly type: 'room.signal'; readonly attempt: number; readonly signal: PeerSignal }
  | { readonly type: 'room.close'; readonly attempt: number }
  | { readonly type: 'room.resume'; readonly attempt: number }
  | { readonly type: 'local.open'; readonly connectId: number }
  | { readonly type: 'local.close'; readonly connectId: number }
  | { readonly type: 'image.read'; readonly readId: number }
  | { readonly type: 'image.cancel'; readonly readId: number }
  | { readonly type: 'timer.start'; readonly timer: Timer; readonly delayMs: number }
  | { readonly type: 'timer.cancel'; readonly timer: Timer }
  /** `failure: null` is success. */
  | { readonly type: 'request.settle'; readonly requestId: number; readonly failure: Failure | null }
  | { readonly type: 'connect.resolve'; readonly connectId: number }
  /** The connect is over, settled or not: nothing of it is needed any more. */
  | { readonly type: 'connect.end'; readonly connectId: number; readonly failure: Failure }
  | { readonly type: 'retry.ask'; readonly connectId: number; readonly failure: Failure }
  | { readonly type: 'output.emit'; readonly output: SessionOutput }
  /** Something that follows from this event, as an event of its own. */
  | { readonly type: 'event.raise'; readonly event: UntimedEvent };

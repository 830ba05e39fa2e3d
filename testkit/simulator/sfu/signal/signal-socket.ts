import { Pong, SignalRequest, SignalResponse } from '@livekit/protocol';
import type { RawData, WebSocket } from 'ws';

type RequestMessage = SignalRequest['message'];
type ResponseMessage = SignalResponse['message'];

export interface SignalSocketEvents {
  request(message: RequestMessage): void;
  closed(): void;
}

/** A client that sent nothing at all for this long is gone. */
const silentAfterMs = 60_000;

/** One signalling socket: protobuf messages in both directions, pings answered. */
export class SignalSocket {
  private lastHeardMs = performance.now();

  constructor(
    private readonly socket: WebSocket,
    events: SignalSocketEvents,
  ) {
    socket.on('message', (data, isBinary) => {
      this.lastHeardMs = performance.now();
      const message = decodeRequest(data, isBinary);
      // Something that is no request is skipped: a newer client may say more than is known here.
      if (!message || this.answerPing(message)) return;
      try {
        events.request(message);
      } catch {
        // A bug here: this client loses its socket and can resume, the others go on.
        this.close(1011);
      }
    });
    socket.on('close', () => events.closed());
    // A broken connection is followed by 'close'.
    socket.on('error', () => {});
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  get isSilent(): boolean {
    return performance.now() - this.lastHeardMs > silentAfterMs;
  }

  send(message: ResponseMessage): void {
    if (this.isOpen) this.socket.send(new SignalResponse({ message }).toBinary());
  }

  /** Closes in good order. */
  close(code = 1000): void {
    this.socket.close(code);
  }

  /** Cuts the connection without a word. */
  cut(): void {
    this.socket.terminate();
  }

  private answerPing(message: RequestMessage): boolean {
    if (message.case === 'ping') {
      this.send({ case: 'pong', value: BigInt(Date.now()) });
      return true;
    }
    if (message.case === 'pingReq') {
      this.send({
        case: 'pongResp',
        value: new Pong({ lastPingTimestamp: message.value.timestamp, timestamp: BigInt(Date.now()) }),
      });
      return true;
    }
    return false;
  }
}

/** Reads a request in either form; `undefined` when it is none. Never throws. */
export function decodeRequest(data: RawData, isBinary: boolean): RequestMessage | undefined {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer);
  try {
    return isBinary
      ? SignalRequest.fromBinary(bytes).message
      : SignalRequest.fromJsonString(bytes.toString('utf8'), { ignoreUnknownFields: true }).message;
  } catch {
    return undefined;
  }
}

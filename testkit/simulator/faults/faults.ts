import type { ServerMessage } from '../../../core/protocol/server-messages.js';
import { decodeFault, type SimulatorFault } from '../../service/fault.js';
import type { MediaFault, NetworkConditions } from '../../service/media-fault.js';
import { type NetworkPreset, type NetworkShape, networkPresets, overlay } from '../../service/network.js';
import type { KeyRing } from '../key-ring.js';
import type { MediaService } from '../media/media-service.js';
import type { RestFaults } from '../rest/rest-faults.js';
import type { AckMode } from '../signaling/acks.js';
import type { FaultDeck } from '../signaling/fault-deck.js';
import type { SessionHost } from '../signaling/session-host.js';
import type { SignalingServer } from '../signaling/signaling-server.js';
import type { StunResponder } from '../stun-responder.js';

/**
 * Things that go wrong, on order, while the simulator runs. Every method throws `DecartError` INVALID_INPUT for
 * arguments out of range. Without a `sessionId` all present sessions are meant. `times` is how many occasions are
 * spoiled (default 1, `Infinity` for all); planned faults are used up in the order they were planned.
 */
export interface SimulatorFaults {
  /**
   * Closes signaling sockets with a code (default 1011) and a reason of at most 123 bytes of UTF-8. 1005 and 1006: cut
   * without a close frame.
   */
  dropSocket(code?: number, reason?: string, sessionId?: string): void;
  /** Sends a text frame as it is; by default one that is not JSON. */
  sendGarbage(text?: string, sessionId?: string): void;
  /** Sends a binary frame; by default four bytes. */
  sendBinary(bytes?: Uint8Array, sessionId?: string): void;
  /** Sends a message out of turn. */
  send(message: ServerMessage, sessionId?: string): void;
  /** How the next requests are acknowledged. */
  ack(mode: AckMode | Exclude<AckMode['kind'], 'slow' | 'failed'>, times?: number): void;
  /** Sends the acks that mode `late` kept back, now. */
  releaseLateAcks(sessionId?: string): void;
  /** Answers the next joins with an `error` (default `No capacity`) and closes their sockets, with 1008 by default. */
  refuseJoins(times?: number, error?: string, closeCode?: number): void;
  /** Leaves the next joins without an answer. */
  silentJoins(times?: number): void;
  /** Answers the next socket upgrades with this HTTP status (default 503). */
  refuseUpgrade(status?: number, times?: number): void;
  /** Sends an `error` message. */
  serverError(text: string, sessionId?: string): void;
  /**
   * Ends the generation: `generation_ended`, then the socket is closed with 1000.
   *
   * @param closeAfterMs time from the message to the close. Default 0: at once. `null`: the socket stays open.
   */
  endGeneration(reason: string, sessionId?: string, closeAfterMs?: number | null): void;
  /** Removes the client from its media room. In direct WebRTC mode its socket is closed, too: nothing else says so. */
  kickFromRoom(sessionId?: string): void;
  /** Cuts the client's connection to the media server's signalling; media itself goes on. */
  cutMediaSignalling(sessionId?: string): void;
  /** Makes the client leave and rejoin its media room in full. */
  forceFullReconnect(sessionId?: string): void;
  /** Replaces the media's network: a preset, one shape for both directions, or one for each. `'clean'` restores it. */
  network(shape: NetworkPreset | NetworkConditions | NetworkShape): void;
  /** Nothing passes on UDP while it lasts. */
  udpBlackout(on: boolean): void;
  /** Share of datagrams lost at random, 0 to 100, both ways. */
  lossPercent(percent: number): void;
  /** Milliseconds added to each datagram, and up to how many more at random, both ways. */
  delay(delayMs: number, jitterMs?: number): void;
  /** Capacity in kilobits per second, each way; `null`: no limit. */
  bandwidth(kbps: number | null): void;
  /** `true`: no more output frames, while input and connections live on. */
  stallInference(stalled: boolean): void;
  /** Milliseconds that each output frame comes later. */
  inferenceLag(lagMs: number): void;
  /** Every ephemeral key issued so far expires now. */
  expireTokens(): void;
  /** Faults of the REST calls. */
  readonly rest: RestFaults;
  /** Takes back everything planned and lasting: planned faults, network, stall, lag. */
  clear(): void;
  /** Any of the above, as data. */
  apply(fault: SimulatorFault): void;
}

/** @internal */
export interface FaultContext {
  readonly deck: FaultDeck;
  readonly signaling: SignalingServer;
  readonly media: MediaService;
  readonly stun: Pick<StunResponder, 'apply'>;
  readonly keys: KeyRing;
  readonly rest: RestFaults;
}

const POLICY_VIOLATION = 1008;
const clean: NetworkShape = networkPresets.clean;

/** @internal */
export function createFaults(context: FaultContext): SimulatorFaults {
  const { deck, signaling, media, stun, keys, rest } = context;
  let network: NetworkShape = clean;

  const setNetwork = (shape: NetworkShape) => {
    network = shape;
    media.fault({ kind: 'network', ...shape });
    stun.apply(shape.upstream, shape.downstream);
  };
  const sessions = (sessionId?: string): readonly SessionHost[] =>
    signaling.sessions().filter((host) => sessionId === undefined || host.sessionId === sessionId);
  const inRooms = (sessionId: string | undefined, fault: (room: string) => MediaFault) => {
    for (const host of sessions(sessionId)) media.fault(fault(host.roomName));
  };

  function apply(input: SimulatorFault): void {
    const fault = decodeFault(input);
    switch (fault.kind) {
      case 'drop-socket':
        for (const host of sessions(fault.sessionId)) host.drop(fault.code, fault.reason);
        break;
      case 'send-text':
        for (const host of sessions(fault.sessionId)) host.sendRaw(fault.text);
        break;
      case 'send-binary':
        for (const host of sessions(fault.sessionId)) host.sendRaw(Uint8Array.from(fault.bytes));
        break;
      case 'server-error':
        for (const host of sessions(fault.sessionId)) {
          host.sendRaw(JSON.stringify({ type: 'error', error: fault.text }));
        }
        break;
      case 'release-late-acks':
        for (const host of sessions(fault.sessionId)) host.dispatch({ type: 'acks.released' });
        break;
      case 'end-generation':
        for (const host of sessions(fault.sessionId)) {
          const { reason, closeAfterMs = 0 } = fault;
          host.dispatch({ type: 'generation.stopped', reason, closeAfterMs });
        }
        break;
      case 'ack':
        deck.plan({ on: 'ack', value: fault.mode, times: fault.times });
        break;
      case 'refuse-joins':
        deck.plan({
          on: 'join',
          value: { kind: 'refused', error: fault.error, closeCode: fault.closeCode ?? POLICY_VIOLATION },
          times: fault.times,
        });
        break;
      case 'silent-joins':
        deck.plan({ on: 'join', value: { kind: 'silent' }, times: fault.times });
        break;
      case 'refuse-upgrade':
        deck.plan({ on: 'upgrade', value: { status: fault.status }, times: fault.times });
        break;
      case 'kick-from-room':
        inRooms(fault.sessionId, (room) => ({ kind: 'kick', room }));
        for (const host of sessions(fault.sessionId)) host.dispatch({ type: 'client.removed' });
        break;
      case 'cut-media-signalling':
        inRooms(fault.sessionId, (room) => ({ kind: 'cut-media-signalling', room }));
        break;
      case 'force-full-reconnect':
        inRooms(fault.sessionId, (room) => ({ kind: 'force-full-reconnect', room }));
        break;
      case 'network':
        setNetwork({ upstream: fault.upstream, downstream: fault.downstream });
        break;
      case 'network-preset':
        setNetwork(networkPresets[fault.name]);
        break;
      case 'network-change': {
        const { kind: _, ...conditions } = fault;
        setNetwork(overlay(network, conditions));
        break;
      }
      case 'stall-inference':
      case 'inference-lag':
        media.fault(fault);
        break;
      case 'expire-tokens':
        keys.expireAll();
        break;
      case 'clear':
        deck.clear();
        rest.clear();
        setNetwork(clean);
        media.fault({ kind: 'stall-inference', stalled: false });
        media.fault({ kind: 'inference-lag', lagMs: 0 });
        break;
    }
  }

  const to = (sessionId: string | undefined) => (sessionId === undefined ? {} : { sessionId });
  return {
    dropSocket: (code = 1011, reason = '', sessionId) => apply({ kind: 'drop-socket', code, reason, ...to(sessionId) }),
    sendGarbage: (text = '{"type":', sessionId) => apply({ kind: 'send-text', text, ...to(sessionId) }),
    sendBinary: (bytes = Uint8Array.of(0xde, 0xca, 0xfb, 0xad), sessionId) =>
      apply({ kind: 'send-binary', bytes: ArrayBuffer.isView(bytes) ? [...bytes] : bytes, ...to(sessionId) }),
    send: (message, sessionId) => apply({ kind: 'send-text', text: JSON.stringify(message), ...to(sessionId) }),
    ack: (mode, times = 1) => apply({ kind: 'ack', mode: typeof mode === 'string' ? { kind: mode } : mode, times }),
    releaseLateAcks: (sessionId) => apply({ kind: 'release-late-acks', ...to(sessionId) }),
    refuseJoins: (times = 1, error = 'No capacity', closeCode = POLICY_VIOLATION) =>
      apply({ kind: 'refuse-joins', times, error, closeCode }),
    silentJoins: (times = 1) => apply({ kind: 'silent-joins', times }),
    refuseUpgrade: (status = 503, times = 1) => apply({ kind: 'refuse-upgrade', status, times }),
    serverError: (text, sessionId) => apply({ kind: 'server-error', text, ...to(sessionId) }),
    endGeneration: (reason, sessionId, closeAfterMs = 0) =>
      apply({ kind: 'end-generation', reason, closeAfterMs, ...to(sessionId) }),
    kickFromRoom: (sessionId) => apply({ kind: 'kick-from-room', ...to(sessionId) }),
    cutMediaSignalling: (sessionId) => apply({ kind: 'cut-media-signalling', ...to(sessionId) }),
    forceFullReconnect: (sessionId) => apply({ kind: 'force-full-reconnect', ...to(sessionId) }),
    network: (shape) => apply(networkFault(shape)),
    udpBlackout: (on) => apply({ kind: 'network-change', blackout: on }),
    lossPercent: (percent) => apply({ kind: 'network-change', lossPercent: percent }),
    delay: (delayMs, jitterMs = 0) => apply({ kind: 'network-change', delayMs, jitterMs }),
    bandwidth: (kbps) => apply({ kind: 'network-change', bandwidthKbps: kbps }),
    stallInference: (stalled) => apply({ kind: 'stall-inference', stalled }),
    inferenceLag: (lagMs) => apply({ kind: 'inference-lag', lagMs }),
    expireTokens: () => apply({ kind: 'expire-tokens' }),
    rest,
    clear: () => apply({ kind: 'clear' }),
    apply,
  };
}

function networkFault(shape: NetworkPreset | NetworkConditions | NetworkShape): SimulatorFault {
  if (typeof shape === 'string') return { kind: 'network-preset', name: shape };
  if (typeof shape === 'object' && shape !== null && 'upstream' in shape && 'downstream' in shape)
    return { kind: 'network', ...shape };
  const conditions = shape as NetworkConditions;
  return { kind: 'network', upstream: conditions, downstream: conditions };
}

import type { Some } from '../../core/check.js';
import {
  decodeStep,
  type ScenarioFault,
  type ScenarioMediaEvent,
  type ScenarioStep,
  type ScenarioStepOf,
} from './step.js';

type Fields<K extends ScenarioStep['step']> = Some<Omit<ScenarioStepOf<K>, 'step'>>;

/**
 * A script of what the service does and what clients must do, in this order. Immutable: each method gives a longer
 * script. Every method throws `DecartError` INVALID_INPUT for arguments out of range.
 *
 * One script is for all sockets, one after the other: “the socket” is the one that the latest expectation was about.
 * Frames that come while the script is busy wait for their expectation. A frame that does not fit it, and any that
 * is left over in the end, fails the script.
 */
export class Scenario {
  /** The script as data, in order. */
  readonly steps: readonly ScenarioStep[];

  constructor(steps: readonly ScenarioStep[] = []) {
    this.steps = steps;
  }

  /** From now on, `roomInfo` and `answer` are preceded by `queue_position` messages from `places` down to 1, `intervalMs` (1000) apart. */
  queue(places: number, intervalMs?: number): Scenario {
    return this.#with({ step: 'queue', places, intervalMs });
  }
  /** A client opens a socket, with these query parameters among others. Sockets are accepted without it, too. */
  expectConnect(query?: Readonly<Record<string, string>>): Scenario {
    return this.#with({ step: 'expectConnect', query });
  }
  /** A `livekit_join`. An initial state that is bundled with it is expected by a step of its own, as if sent apart. */
  expectJoin(fields: Fields<'expectJoin'> = {}): Scenario {
    return this.#with({ step: 'expectJoin', ...fields });
  }
  /** A `prompt`, with this text if one is given. */
  expectPrompt(text?: string, { enhance }: { readonly enhance?: boolean | undefined } = {}): Scenario {
    return this.#with({ step: 'expectPrompt', text, enhance });
  }
  /** A `set_image`: its bytes, an uploaded file, or none (cleared); with this prompt. */
  expectImage(fields: Fields<'expectImage'> = {}): Scenario {
    return this.#with({ step: 'expectImage', ...fields });
  }
  /** Direct WebRTC: the `offer` of the client's peer connection. Its candidates are passed over. */
  expectOffer(): Scenario {
    return this.#with({ step: 'expectOffer' });
  }
  /** Exactly this message. */
  expectMessage(message: Readonly<Record<string, unknown>>): Scenario {
    return this.#with({ step: 'expectMessage', message });
  }
  /** The client's media arrives in the room. */
  expectMedia(): Scenario {
    return this.#with({ step: 'expectMedia' });
  }
  /** The client closes the socket. */
  expectClose(code?: number): Scenario {
    return this.#with({ step: 'expectClose', code });
  }
  /** From now on a socket opens with `acceptSocket` and not by itself. */
  holdSockets(): Scenario {
    return this.#with({ step: 'holdSockets' });
  }
  /** Opens the oldest socket that is held, or waits for one. */
  acceptSocket(): Scenario {
    return this.#with({ step: 'acceptSocket' });
  }
  /**
   * What happens in the client's room. In memory a script with this step decides all of it; over a network media comes
   * by itself, and only `lost` has an effect: the client is removed from its room.
   */
  media(event: ScenarioMediaEvent): Scenario {
    return this.#with({ step: 'media', event });
  }
  /** Opens a room and sends `livekit_room_info`. */
  roomInfo(): Scenario {
    return this.#with({ step: 'roomInfo' });
  }
  /** Direct WebRTC: answers the offer that was expected last, with a peer connection of the service's. */
  answer(): Scenario {
    return this.#with({ step: 'answer' });
  }
  /** Acknowledges an expected request, by default the oldest that has no ack yet. `error`: as failed, and without effect. */
  ack(fields: Fields<'ack'> = {}): Scenario {
    return this.#with({ step: 'ack', ...fields });
  }
  /** Says that generation has begun. Billing ticks are steps of their own. */
  generationStarted(): Scenario {
    return this.#with({ step: 'generationStarted' });
  }
  /** A billing tick; by default one second after the one before. */
  generationTick(seconds?: number): Scenario {
    return this.#with({ step: 'generationTick', seconds });
  }
  /**
   * Says that the generation is over: `reason` as the service's, such as `timeout`; `seconds` billed, by default those
   * of the last tick.
   */
  generationEnded(reason: string, seconds?: number): Scenario {
    return this.#with({ step: 'generationEnded', reason, seconds });
  }
  /** Sends an `error` message. */
  error(text: string): Scenario {
    return this.#with({ step: 'error', text });
  }
  /** Sends any JSON object. */
  send(message: Readonly<Record<string, unknown>>): Scenario {
    return this.#with({ step: 'send', message });
  }
  /** Sends a text frame as it is; by default one that is not JSON. */
  sendText(text = '{"type":'): Scenario {
    return this.#with({ step: 'sendText', text });
  }
  /** Sends a binary frame; each byte 0..255. */
  sendBinary(bytes: ArrayLike<number>): Scenario {
    return this.#with({ step: 'sendBinary', bytes: Array.from(bytes) });
  }
  /** Waits. */
  after(delayMs: number): Scenario {
    return this.#with({ step: 'after', delayMs });
  }
  /**
   * Closes the socket, with 1011 by default. 1005 and 1006: cut without a close frame. A reason has at most 123 bytes
   * of UTF-8. A socket that the client has closed fails the script, unless `ifOpen` is `true`.
   */
  dropSocket(code?: number, reason?: string, { ifOpen }: { readonly ifOpen?: boolean | undefined } = {}): Scenario {
    return this.#with({ step: 'dropSocket', code, reason, ifOpen });
  }
  /** Answers the next sockets, one by default, with this HTTP status (503) instead of opening them. */
  refuseConnects(times?: number, status?: number): Scenario {
    return this.#with({ step: 'refuseConnects', times, status });
  }
  /** Answers the next joins or offers, one by default, with an `error` (`No capacity`) and closes their sockets with 1008. */
  refuseJoins(times?: number, error?: string): Scenario {
    return this.#with({ step: 'refuseJoins', times, error });
  }
  /** Leaves the next joins or offers, one by default, without an answer; what else comes on their sockets is passed over. */
  silentJoins(times?: number): Scenario {
    return this.#with({ step: 'silentJoins', times });
  }
  /** A fault of the media or the keys. In memory there is no network between the media: its faults do nothing there. */
  fault(fault: ScenarioFault): Scenario {
    return this.#with({ step: 'fault', fault });
  }
  /** The last step: from here on every join gets its room, every offer its answer and every request its ack. */
  serve(): Scenario {
    return this.#with({ step: 'serve' });
  }

  /** What a scenario file holds. */
  toJSON(): { readonly steps: readonly ScenarioStep[] } {
    return { steps: this.steps };
  }

  #with(step: { readonly step: ScenarioStep['step']; readonly [field: string]: unknown }): Scenario {
    const given = Object.fromEntries(Object.entries(step).filter(([, value]) => value !== undefined));
    return new Scenario([...this.steps, decodeStep(given, `step ${this.steps.length + 1}`)]);
  }
}

/**
 * Begins a script.
 *
 * @example
 * ```ts
 * import { scenario } from 'decart-rx/testkit';
 *
 * const script = scenario().expectJoin().roomInfo().expectPrompt('rain').ack().after(500).dropSocket(1011).serve();
 * ```
 */
export const scenario = (): Scenario => new Scenario();

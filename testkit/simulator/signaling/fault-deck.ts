import type { AckMode } from './acks.js';
import type { JoinMode } from './session-events.js';

/** An HTTP status in answer to a socket's upgrade. */
export interface UpgradeRefusal {
  readonly status: number;
}

interface Dealt<T> {
  readonly value: T;
  left: number;
}

/** Faults that wait for their occasion: each is used up by the next requests, joins or upgrades. */
export interface FaultDeck {
  plan(fault: PlannedFault): void;
  nextAck(): AckMode;
  nextJoin(): JoinMode;
  nextUpgrade(): UpgradeRefusal | null;
  clear(): void;
}

/** `times`: how many occasions it spoils; Infinity for all. */
export type PlannedFault =
  | { readonly on: 'ack'; readonly value: AckMode; readonly times: number }
  | { readonly on: 'join'; readonly value: JoinMode; readonly times: number }
  | { readonly on: 'upgrade'; readonly value: UpgradeRefusal; readonly times: number };

/** First planned, first used. */
export function createFaultDeck(): FaultDeck {
  const acks: Dealt<AckMode>[] = [];
  const joins: Dealt<JoinMode>[] = [];
  const upgrades: Dealt<UpgradeRefusal>[] = [];
  return {
    plan: (fault) => {
      const { times: left } = fault;
      if (fault.on === 'ack') acks.push({ value: fault.value, left });
      else if (fault.on === 'join') joins.push({ value: fault.value, left });
      else upgrades.push({ value: fault.value, left });
    },
    nextAck: () => draw(acks) ?? { kind: 'normal' },
    nextJoin: () => draw(joins) ?? { kind: 'served' },
    nextUpgrade: () => draw(upgrades) ?? null,
    clear: () => {
      acks.length = 0;
      joins.length = 0;
      upgrades.length = 0;
    },
  };
}

function draw<T>(deck: Dealt<T>[]): T | undefined {
  const [first] = deck;
  if (first === undefined) return undefined;
  first.left -= 1;
  if (first.left <= 0) deck.shift();
  return first.value;
}

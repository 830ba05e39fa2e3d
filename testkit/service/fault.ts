// Faults as plain data, so that a script, a control request and a test can order the same ones.
import * as t from 'io-ts';
import { DecartError } from '../../core/errors.js';
import { networkConditions } from './media-fault.js';
import { type NetworkPreset, networkPresets } from './network.js';

/** A number from `least` to `most`, both included. */
export const numberIn = (name: string, least: number, most: number, whole = false) =>
  new t.Type<number, number, unknown>(
    name,
    (u): u is number => typeof u === 'number',
    (u, c) =>
      typeof u === 'number' && u >= least && u <= most && (!whole || Number.isInteger(u) || u === most)
        ? t.success(u)
        : t.failure(u, c),
    t.identity,
  );

/** Occasions a fault spoils: a whole number, or Infinity. */
export const times = numberIn('times', 1, Number.POSITIVE_INFINITY, true);
export const milliseconds = numberIn('milliseconds', 0, 2 ** 31 - 1);
/** One session's id; absent: all sessions. */
const target = t.partial({ sessionId: t.string });
/** What a server may send (RFC 6455 7.4), and 1005/1006 for a cut without a close frame. */
export const closeCode = new t.Type<number, number, unknown>(
  'close code',
  (u): u is number => typeof u === 'number',
  (u, c) => (typeof u === 'number' && isCloseCode(u) ? t.success(u) : t.failure(u, c)),
  t.identity,
);

const isCloseCode = (code: number): boolean =>
  Number.isInteger(code) && ((code >= 1000 && code <= 1014 && code !== 1004) || (code >= 3000 && code <= 4999));

/** Why a socket is closed: a close frame has room for 123 bytes (RFC 6455 5.5). */
export const closeReason = new t.Type<string, string, unknown>(
  'close reason',
  (u): u is string => typeof u === 'string',
  (u, c) => {
    if (typeof u !== 'string') return t.failure(u, c);
    return new TextEncoder().encode(u).length > 123 ? t.failure(u, c, 'more than 123 bytes') : t.success(u);
  },
  t.identity,
);

const ackMode = t.union([
  t.type({ kind: t.literal('normal') }),
  t.type({ kind: t.literal('lost') }),
  t.type({ kind: t.literal('late') }),
  t.type({ kind: t.literal('duplicated') }),
  t.type({ kind: t.literal('swapped') }),
  t.type({ kind: t.literal('slow'), delayMs: milliseconds }),
  t.type({ kind: t.literal('failed'), error: t.string }),
]);

const presetName = new t.Type<NetworkPreset, NetworkPreset, unknown>(
  'preset',
  (u): u is NetworkPreset => typeof u === 'string' && Object.hasOwn(networkPresets, u),
  (u, c) =>
    typeof u === 'string' && Object.hasOwn(networkPresets, u) ? t.success(u as NetworkPreset) : t.failure(u, c),
  t.identity,
);

const delay = numberIn('delay', 0, 60_000);
const percent = numberIn('percent', 0, 100);
const kbps = t.union([numberIn('kbps', 1, Number.MAX_SAFE_INTEGER), t.null]);
const conditions = t.intersection([
  networkConditions,
  t.partial({ lossPercent: percent, delayMs: delay, jitterMs: delay, bandwidthKbps: kbps }),
]);

/** Keyed by `kind`, so that a wrong field is named. */
const faultCodecs = {
  'drop-socket': t.intersection([t.type({ code: closeCode, reason: closeReason }), target]),
  'send-text': t.intersection([t.type({ text: t.string }), target]),
  'send-binary': t.intersection([t.type({ bytes: t.array(numberIn('byte', 0, 255, true)) }), target]),
  ack: t.type({ mode: ackMode, times }),
  'release-late-acks': target,
  'refuse-joins': t.intersection([t.type({ times, error: t.string }), t.partial({ closeCode })]),
  'silent-joins': t.type({ times }),
  'refuse-upgrade': t.type({ status: numberIn('status', 400, 599, true), times }),
  'server-error': t.intersection([t.type({ text: t.string }), target]),
  'end-generation': t.intersection([
    t.type({ reason: t.string }),
    t.partial({ closeAfterMs: t.union([milliseconds, t.null]) }),
    target,
  ]),
  'kick-from-room': target,
  'cut-media-signalling': target,
  'force-full-reconnect': target,
  network: t.type({ upstream: conditions, downstream: conditions }),
  'network-preset': t.type({ name: presetName }),
  'network-change': conditions,
  'stall-inference': t.type({ stalled: t.boolean }),
  'inference-lag': t.type({ lagMs: delay }),
  'expire-tokens': t.type({}),
  clear: t.type({}),
} as const;

type FaultKind = keyof typeof faultCodecs;

/** Any fault, as data. See the method of the same name on `SimulatorFaults` for what it does. */
export type SimulatorFault = { [K in FaultKind]: { readonly kind: K } & t.TypeOf<(typeof faultCodecs)[K]> }[FaultKind];

/** One fault of each kind, as a control request orders it. */
export const faultExamples: { readonly [F in SimulatorFault as F['kind']]: F } = {
  'drop-socket': { kind: 'drop-socket', code: 1011, reason: '' },
  'send-text': { kind: 'send-text', text: 'not JSON' },
  'send-binary': { kind: 'send-binary', bytes: [1, 2, 3] },
  ack: { kind: 'ack', mode: { kind: 'lost' }, times: 1 },
  'release-late-acks': { kind: 'release-late-acks' },
  'refuse-joins': { kind: 'refuse-joins', times: 1, error: 'No capacity' },
  'silent-joins': { kind: 'silent-joins', times: 1 },
  'refuse-upgrade': { kind: 'refuse-upgrade', status: 503, times: 1 },
  'server-error': { kind: 'server-error', text: 'Out of order' },
  'end-generation': { kind: 'end-generation', reason: 'timeout' },
  'kick-from-room': { kind: 'kick-from-room' },
  'cut-media-signalling': { kind: 'cut-media-signalling' },
  'force-full-reconnect': { kind: 'force-full-reconnect' },
  network: { kind: 'network', upstream: { lossPercent: 5 }, downstream: { delayMs: 200 } },
  'network-preset': { kind: 'network-preset', name: '4g' },
  'network-change': { kind: 'network-change', lossPercent: 5 },
  'stall-inference': { kind: 'stall-inference', stalled: true },
  'inference-lag': { kind: 'inference-lag', lagMs: 500 },
  'expire-tokens': { kind: 'expire-tokens' },
  clear: { kind: 'clear' },
};

export const faultError = (field: string, message: string): DecartError =>
  new DecartError({ code: 'INVALID_INPUT', message: `Fault: ${message}.`, permanent: true, data: { field } });

/** What is wrong with a field, in its codec's own words where it has some. */
export function complaintOf(errors: t.Errors, field: string): string {
  const [message] = errors.flatMap(({ message: words = [] }) => words);
  return message === undefined ? `wrong or missing ${field}` : `${field}: ${message}`;
}

/** @throws DecartError INVALID_INPUT, `data.field` naming what is wrong */
export function decodeFault(input: unknown): SimulatorFault {
  const kind = typeof input === 'object' && input !== null && 'kind' in input ? input.kind : undefined;
  if (typeof kind !== 'string' || !Object.hasOwn(faultCodecs, kind)) {
    throw faultError('kind', `unknown kind; there are ${Object.keys(faultCodecs).join(', ')}`);
  }
  const codec: t.Mixed = faultCodecs[kind as FaultKind];
  const decoded = codec.decode(input);
  if (decoded._tag === 'Right') return decoded.right as SimulatorFault;
  const fields = decoded.left.map(({ context }) => context.map(({ key }) => key).filter((key) => !/^\d*$/.test(key)));
  const [field = 'kind'] = fields.map((path) => path.join('.')).filter((path) => path !== '');
  const example = JSON.stringify(faultExamples[kind as FaultKind]);
  throw faultError(field, `${kind}: ${complaintOf(decoded.left, field)}. An example: ${example}`);
}

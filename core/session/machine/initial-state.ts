// The initial state: the prompt or image that is sent right behind the join, at first and after each reconnect.
import type { Failure } from '../../errors.js';
import type { JoinMessage } from '../../protocol/client-messages.js';
import {
  type ActiveDraft,
  type AttemptDraft,
  cancelTimer,
  changeAttempt,
  changeConnection,
  diagnose,
  drawId,
  emit,
  reportError,
  startTimer,
} from './draft.js';
import { initialMessageOf } from './opening-message.js';
import { isPromptPendingSince } from './request-books.js';
import { type Attempt, type AttemptState, type Intent, isDirect, isLive, isStreamVisible } from './state.js';
import { ackTimerOf, budgetTimerOf, stageTimerOf } from './timers.js';

/**
 * The first frames of a try: the join, and the initial state directly behind it. An image that is still being read
 * does not hold the join back; a bundled join has to wait for it.
 */
export function sendOpening(draft: AttemptDraft): void {
  if (draft.state.attempt.socket !== 'open') return;
  const { attempt, connection } = draft.state;
  const reading = connection.initialImage === 'reading';
  const message = initialMessageOf(openingIntentOf(draft.state));
  if (connection.plan.handshake === 'bundled') {
    if (attempt.joinSent || reading) return;
    sendJoin(draft, { type: 'livekit_join', initial_state: message });
    if (message !== null) expectInitialAck(draft);
    return;
  }
  let { initial } = attempt;
  if (!attempt.joinSent) {
    initial = message !== null || reading ? 'unsent' : 'none';
    changeAttempt(draft, { initial });
    sendJoin(draft, { type: 'livekit_join', passthrough: message === null && !reading });
  }
  if (initial !== 'unsent' || reading) return;
  // The initial image has failed, and a prompt that was accepted since is all there is to show.
  if (message === null) {
    changeAttempt(draft, { initial: 'none' });
    return reportRestored(draft);
  }
  // The session is live already, and a prompt is on the wire. Its answer says which prompt the initial state is to show.
  if (isPromptPendingSince(draft, attempt.id)) return;
  emit(draft, { type: 'socket.send', attempt: attempt.id, message });
  expectInitialAck(draft);
}

/** What there is to apply: not a prompt that the service has accepted on this very connection. */
export const openingIntentOf = ({ attempt, intent }: AttemptState): Intent =>
  intent.promptRequestId > attempt.id ? { ...intent, prompt: null } : intent;

/** From here on the service's answer is waited for. */
function sendJoin(draft: AttemptDraft, message: JoinMessage): void {
  const { attempt, connection } = draft.state;
  changeAttempt(draft, { joinSent: true, phaseStartedAtMs: draft.atMs });
  const capabilities = connection.plan.frameTiming ? { client_capabilities: { frame_timing: true } as const } : {};
  emit(draft, { type: 'socket.send', attempt: attempt.id, message: { ...message, ...capabilities } });
  startTimer(draft, stageTimerOf('handshake', attempt.id), connection.plan.handshakeTimeoutMs);
}

/** Puts the initial state among the requests: its ack is matched like any other. */
export function expectInitialAck(draft: AttemptDraft): void {
  const id = drawId(draft);
  const { connection } = draft.state;
  const intent = openingIntentOf(draft.state);
  const { prompt, image } = intent;
  if (image === null && prompt !== null) {
    const request = { kind: 'prompt', id, waiting: 'handshake', prompt, doubtful: false } as const;
    draft.state = { ...draft.state, prompts: [...draft.state.prompts, request] };
  } else {
    const request = {
      kind: 'image',
      id,
      waiting: 'handshake',
      stage: 'sent',
      image,
      prompt,
      limitMs: connection.plan.imageTimeoutMs,
    } as const;
    // Others may wait behind an initial image that was read late: the order is that of the wire.
    draft.state = { ...draft.state, images: [request, ...draft.state.images] };
  }
  changeAttempt(draft, { initial: 'sent', initialRequestId: id, initialIntent: intent, initialSentAtMs: draft.atMs });
  startInitialTimer(draft);
}

/**
 * The limit of the initial state runs only once room info is there: a long queue must not trip it. In direct WebRTC
 * mode it comes before the queue.
 */
export function startInitialTimer(draft: AttemptDraft): void {
  const { attempt, connection, prompts } = draft.state;
  if (!attempt.answered && !isDirect(draft.state)) return;
  const { imageTimeoutMs, promptTimeoutMs } = connection.plan;
  if (connection.initialImage === 'reading')
    startTimer(draft, stageTimerOf('initialImage', attempt.id), imageTimeoutMs);
  const { initial, initialRequestId } = attempt;
  if (initial !== 'sent' || initialRequestId === null) return;
  const isPrompt = prompts.some(({ id }) => id === initialRequestId);
  startTimer(draft, ackTimerOf(initialRequestId), isPrompt ? promptTimeoutMs : imageTimeoutMs);
}

/**
 * The initial state was acknowledged, refused, or neither in time. A failure is emitted on `errors$`, and the session
 * continues.
 */
export function settleInitialState(draft: AttemptDraft, failure: Failure | null): void {
  const { attempt } = draft.state;
  diagnose(draft, { name: 'phaseTiming', phase: 'initialState', durationMs: draft.atMs - attempt.initialSentAtMs });
  changeAttempt(draft, { initial: failure === null ? 'acked' : 'failed' });
  // There, what follows depends on it.
  if (isDirect(draft.state)) {
    const event = { type: 'handshake.initialStateSettled', attempt: attempt.id, failure } as const;
    return emit(draft, { type: 'event.raise', event });
  }
  if (failure !== null) reportError(draft, failure);
  if (isLive(draft.state)) reportRestored(draft);
  settleConnect(draft);
}

/**
 * The service refused the initial state, be it late: it would do so again. What was only not answered may well hold,
 * and what has come into force since was not part of it.
 */
export function dropRefused(draft: AttemptDraft): void {
  const { attempt, connection, intent } = draft.state;
  // A first connect fails by it, and is not to succeed without what was asked for.
  if (isDirect(draft.state) && !connection.restoring) return;
  const refused = attempt.initialIntent;
  const prompt = intent.prompt === refused?.prompt ? null : intent.prompt;
  const image = intent.image === refused?.image ? null : intent.image;
  draft.state = { ...draft.state, intent: { ...intent, prompt, image } };
}

/** In direct WebRTC an initial state may ask for the camera's own picture: there is nothing to restore then. */
export const asksForNothing = ({ initialIntent }: Attempt): boolean =>
  initialIntent !== null && initialMessageOf(initialIntent) === null;

/** After a reconnect: says truthfully what became of the intent, once that is known. */
export function reportRestored(draft: AttemptDraft): void {
  const { attempt, connection } = draft.state;
  if (!connection.restoring) return;
  const restored = { none: 'none', unsent: null, sent: null, acked: 'replayed', failed: 'lost' } as const;
  const outcome = asksForNothing(attempt) ? 'none' : restored[attempt.initial];
  if (outcome === null) return;
  diagnose(draft, { name: 'intentRestored', restored: outcome });
}

/** `connect()` is done when its stream can be shown. */
export function settleConnect(draft: ActiveDraft): void {
  if (!draft.state.connection.pending || !isStreamVisible(draft.state)) return;
  const { connectId } = draft.state.connection;
  changeConnection(draft, { pending: false });
  cancelTimer(draft, budgetTimerOf(connectId));
  emit(draft, { type: 'connect.resolve', connectId });
}

// The initial state: the prompt or image that is sent right behind the join, at first and after each reconnect.
import type { Failure } from '../../errors.js';
import type { JoinMessage } from '../../protocol/client-messages.js';
import {
  cancelTimer,
  changeAttempt,
  changeEngagement,
  diagnose,
  drawId,
  order,
  reportError,
  startTimer,
  type Transition,
} from './draft.js';
import { initialMessageOf } from './opening-message.js';
import { type ActiveState, isLive, isStreamVisible } from './state.js';
import { ackTimerOf, budgetTimerOf, stageTimerOf } from './timers.js';

/**
 * The first frames of a try: the join, and the initial state directly behind it. An image that is still being read
 * does not hold the join back; a bundled join has to wait for it.
 */
export function sendOpening(t: Transition): void {
  const { attempt, engagement, intent } = t.state as ActiveState;
  if (attempt === null || attempt.socket !== 'open') return;
  const reading = engagement.initialImage === 'reading';
  const message = initialMessageOf(intent);
  if (engagement.plan.handshake === 'bundled') {
    if (attempt.joinSent || reading) return;
    sendJoin(t, { type: 'livekit_join', initial_state: message });
    if (message !== null) expectInitialAck(t);
    return;
  }
  if (!attempt.joinSent) {
    changeAttempt(t, { initial: message !== null || reading ? 'unsent' : 'none' });
    sendJoin(t, { type: 'livekit_join', passthrough: message === null && !reading });
  }
  const { initial } = (t.state as ActiveState).attempt ?? attempt;
  if (initial !== 'unsent' || reading || message === null) return;
  order(t, { type: 'socket.send', attempt: attempt.id, message });
  expectInitialAck(t);
}

/** From here on the service's answer is waited for. */
function sendJoin(t: Transition, message: JoinMessage): void {
  const { attempt, engagement } = t.state as ActiveState;
  if (attempt === null) return;
  changeAttempt(t, { joinSent: true, phaseStartedAtMs: t.atMs });
  order(t, { type: 'socket.send', attempt: attempt.id, message });
  startTimer(t, stageTimerOf('handshake', attempt.id), engagement.plan.handshakeTimeoutMs);
}

/** Puts the initial state among the requests: its ack is matched like any other. */
function expectInitialAck(t: Transition): void {
  const id = drawId(t);
  const { intent } = t.state;
  const { prompt, image } = intent;
  if (image === null && prompt !== null) {
    const request = {
      kind: 'prompt',
      id,
      waiting: 'handshake',
      stage: 'sent',
      prompt,
      timeoutMs: null,
      doubtful: false,
    } as const;
    t.state = { ...t.state, prompts: [...t.state.prompts, request] };
  } else {
    const request = {
      kind: 'image',
      id,
      waiting: 'handshake',
      stage: 'sent',
      image,
      prompt: prompt?.text,
      enhance: prompt?.enhance ?? true,
      timeoutMs: null,
      doubtful: false,
    } as const;
    // Others may wait behind an initial image that was read late: the order is that of the wire.
    t.state = { ...t.state, images: [request, ...t.state.images] };
  }
  changeAttempt(t, { initial: 'sent', initialRequestId: id, initialIntent: intent, initialSentAtMs: t.atMs });
  startInitialAckTimer(t);
}

/** The ack is waited for only once room info is there: a long queue must not trip its timer. */
export function startInitialAckTimer(t: Transition): void {
  const { attempt, engagement, intent } = t.state as ActiveState;
  if (attempt === null || attempt.roomInfo === null || attempt.initial !== 'sent' || attempt.initialRequestId === null)
    return;
  const { imageTimeoutMs, promptTimeoutMs } = engagement.plan;
  startTimer(t, ackTimerOf(attempt.initialRequestId), intent.image === null ? promptTimeoutMs : imageTimeoutMs);
}

/** The initial state was acknowledged, refused, or neither in time. A failure is told, and the session goes on. */
export function settleInitialState(t: Transition, failure: Failure | null): void {
  const { attempt } = t.state as ActiveState;
  if (attempt === null || attempt.initial !== 'sent') return;
  diagnose(t, { name: 'phaseTiming', phase: 'initialState', durationMs: t.atMs - attempt.initialSentAtMs });
  changeAttempt(t, { initial: failure === null ? 'acked' : 'failed' });
  if (failure !== null) reportError(t, failure);
  if (isLive(t.state)) tellRestored(t);
  settleConnect(t);
}

/**
 * The service refused the initial state, be it late: it would do so again. What was only not answered may well hold,
 * and what has come into force since was not part of it.
 */
export function dropRefused(t: Transition): void {
  const { attempt, intent } = t.state as ActiveState;
  const refused = attempt?.initialIntent;
  const prompt = intent.prompt === refused?.prompt ? null : intent.prompt;
  const image = intent.image === refused?.image ? null : intent.image;
  t.state = { ...t.state, intent: { ...intent, prompt, image } };
}

/** After a reconnect: says truthfully what became of the intent, once that is known. */
export function tellRestored(t: Transition): void {
  const { attempt, engagement } = t.state as ActiveState;
  if (attempt === null || !engagement.restoring) return;
  const restored = { none: 'none', unsent: null, sent: null, acked: 'replayed', failed: 'lost' } as const;
  const outcome = restored[attempt.initial];
  if (outcome === null) return;
  changeEngagement(t, { restoring: false });
  diagnose(t, { name: 'intentRestored', restored: outcome });
}

/** `connect()` is done when its stream can be shown. */
export function settleConnect(t: Transition): void {
  if (t.state.status === 'disconnected' || !t.state.engagement.pending || !isStreamVisible(t.state)) return;
  const { connectId } = t.state.engagement;
  changeEngagement(t, { pending: false });
  cancelTimer(t, budgetTimerOf(connectId));
  order(t, { type: 'connect.settle', connectId, failure: null });
}

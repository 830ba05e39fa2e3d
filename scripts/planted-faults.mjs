// Faults that the model has to find, each as a change of the source. They are planted into a bundle, never into a file.

const acks = 'core/session/machine/acks.ts';
const requests = 'core/session/machine/requests.ts';
const images = 'core/session/machine/images.ts';
const initialState = 'core/session/machine/initial-state.ts';
const initialImage = 'core/session/machine/initial-image.ts';
const direct = 'core/session/machine/direct-handshake.ts';
const switching = 'core/session/client/switching-client.ts';
const cores = 'core/session/client/cores.ts';
const timerFired = 'core/session/machine/timer-fired.ts';

/** By name: the promise that it breaks, and what is replaced by what, in which file. */
export const plantedFaults = {
  overtakenPrompt: {
    breaks: "The service ends up showing the caller's last accepted wish.",
    changes: [[images, 'if (intent.promptRequestId > next.id) prompt = undefined;', '']],
  },
  unansweredPrompt: {
    breaks: "The service ends up showing the caller's last accepted wish.",
    changes: [[images, 'if (isPromptPendingSince(draft, next.id)) return;', '']],
  },
  initialOverPrompt: {
    breaks: "The service ends up showing the caller's last accepted wish.",
    changes: [[initialState, 'if (isPromptPendingSince(draft, 0)) return;', '']],
  },
  failedIntent: {
    breaks: 'The intent never names a request that was refused or has failed.',
    changes: [[acks, "event.success && request.waiting === 'caller'", 'event.success']],
  },
  refusedIntent: {
    breaks: 'The intent never names a request that was refused or has failed.',
    changes: [[acks, "event.success && request.waiting === 'caller'", "request.waiting === 'caller'"]],
  },
  refusedInitial: {
    breaks: 'The intent never names a request that was refused or has failed.',
    changes: [[acks, 'if (isInitial && !ack.success) dropRefused(draft);', '']],
  },
  limitFromSending: {
    breaks: 'No call outlives its limit by more than a second.',
    changes: [
      [requests, 'startTimer(draft, ackTimerOf(id), limitMs);', ''],
      [
        images,
        'cancelTimer(draft, turnTimerOf(next.id));',
        'cancelTimer(draft, turnTimerOf(next.id)); startTimer(draft, ackTimerOf(next.id), next.limitMs);',
      ],
    ],
  },
  errorLeavesBooks: {
    breaks: 'A request is done only by its own ack; an error answers what is on the wire.',
    changes: [
      [
        requests,
        'for (const request of forgetAll(draft)) settle(draft, request, failure);',
        "for (const request of [...draft.state.prompts, ...draft.state.images]) { replaceRequest(draft, { ...request, waiting: 'nobody' }); settle(draft, request, failure); }",
      ],
    ],
  },
  longWait: {
    breaks: 'No call waits behind a lost ack longer than its own limit allows.',
    changes: [[timerFired, 'return takeTurn(draft);', 'return;']],
    // The window of a minute that there once was.
    constants: [['core/session/machine/connect-plan.ts', 'LATE_ACK_WINDOW_MS = 15_000', 'LATE_ACK_WINDOW_MS = 60_000']],
  },
  chainOfTimeouts: {
    breaks: 'At most one false timeout for each lost ack.',
    changes: [[requests, "!isSent || (kind === 'prompt' && request.doubtful)", '!isSent']],
  },
  noLateAcks: {
    breaks: "A late ack settles nobody else's request.",
    changes: [
      [requests, 'startTimer(draft, lateAckTimerOf(id), LATE_ACK_WINDOW_MS);', 'removeRequest(draft, request);'],
    ],
  },
  borrowedStreams: {
    breaks: "A session's streams and ids are its own.",
    changes: [['core/session/client/scope.ts', 'takeWhile(isOwn, true), ', '']],
  },
  borrowedIds: {
    breaks: "A session's streams and ids are its own.",
    changes: [['core/session/client/scope.ts', 'state: () => ownOf(loop.state())', 'state: loop.state']],
  },
  endedByImage: {
    breaks: 'A live session is ended only by its caller, its service, or a loss.',
    changes: [[initialImage, 'draft.state.connection.pending) giveUp', 'draft.state.connection) giveUp']],
  },
  directCandidate: {
    breaks: 'Direct WebRTC: every signal of the service reaches the peer connection, in order.',
    changes: [
      [
        direct,
        "emit(draft, { type: 'room.signal', attempt: id, signal });",
        "if (answered || signal.type !== 'candidate') emit(draft, { type: 'room.signal', attempt: id, signal });",
      ],
    ],
  },
  directSignal: {
    breaks: 'Direct WebRTC: every signal of the peer connection reaches the service, in order.',
    changes: [
      [
        direct,
        "emit(draft, { type: 'socket.send', attempt: id, message: messageOfSignal(signal) });",
        "if (!answered || signal.type !== 'answer') emit(draft, { type: 'socket.send', attempt: id, message: messageOfSignal(signal) });",
      ],
    ],
  },
  directAckIgnored: {
    breaks: 'A session comes up or is given up.',
    changes: [[direct, 'if (failure === null) return joinDirect(draft);', 'if (failure === null) return;']],
  },
  directRefusalIgnored: {
    breaks: 'Direct WebRTC: no offer before the initial state is accepted.',
    changes: [[direct, 'if (failure === null) return joinDirect(draft);', 'return joinDirect(draft);']],
  },
  directIntent: {
    breaks: 'Direct WebRTC: a reconnect sends the whole intent before its offer.',
    changes: [[direct, 'initialMessageOf(intent) ??', '(connection.restoring ? null : initialMessageOf(intent)) ??']],
  },
  renewalOverSwitch: {
    model: 'switching',
    breaks: 'A switch is called off by its caller alone, not by a renewal that is due meanwhile.',
    changes: [['core/session/client/renewal.ts', 'isSwitching ? NEVER : timer', 'false ? NEVER : timer']],
  },
  missedWish: {
    model: 'switching',
    breaks: 'A renewed session shows what the caller has asked for last.',
    changes: [[cores, 'if (isRenewal && isOldThere) catchUp(', 'if (false) catchUp(']],
  },
  forgottenBill: {
    model: 'switching',
    breaks: 'A limit of seconds counts over renewals.',
    changes: [
      [switching, 'const earlierSeconds = billedSeconds(core.loop.state().usage) ?? 0;', 'const earlierSeconds = 0;'],
    ],
  },
  unseenEnd: {
    model: 'switching',
    breaks: 'A switch fails when its session ends before it is shown.',
    changes: [
      ['core/session/client/shown-session.ts', 'if (!isShown) subscriber.error', 'if (false) subscriber.error'],
    ],
  },
  billedAgain: {
    model: 'switching',
    breaks: 'A session that the service has ended is not opened again.',
    changes: [
      [
        'core/session/machine/service-end.ts',
        'if (restartable && draft.state.connection.plan.reconnectsAfterEnd)',
        'if (restartable)',
      ],
    ],
  },
  freeSeconds: {
    model: 'switching',
    breaks: 'A limit of seconds ends the session with no more than one second more.',
    changes: [[`core/session/machine/limits.ts`, 'if (limit === null) return;', 'return;']],
  },
};

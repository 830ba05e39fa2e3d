// Entry of the media process. It lives as long as its parent wants it to, and no longer than its parent.
import { isDecartError } from '../../../core/errors.js';
import { createLiveKitMedia } from './livekit-media.js';
import { decodeCommand, type MediaCommand, type MediaReport } from './media-messages.js';
import type { MediaService } from './media-service.js';

let media: MediaService | null = null;
let ending = false;

function report(message: MediaReport): void {
  // A parent that is gone hears nothing; `disconnect` ends this process.
  if (process.connected) process.send?.(message);
}

async function start(settings: Extract<MediaCommand, { type: 'start' }>['settings']): Promise<void> {
  try {
    const started = await createLiveKitMedia(settings);
    started.events$.subscribe((event) => {
      if (event.type !== 'ended') report(event);
    });
    media = started;
    report({ type: 'ready', url: started.url });
  } catch (error) {
    const field = isDecartError(error) ? error.data?.field : undefined;
    report({ type: 'failed', message: messageOf(error), field: typeof field === 'string' ? field : null });
  }
}

function answer(id: number, work: Promise<object>): void {
  work.then(
    (value) => report({ type: 'answered', id, answer: { ...value } }),
    (error: unknown) => report({ type: 'refused', id, reason: messageOf(error) }),
  );
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function obey(command: MediaCommand): void {
  if (command.type === 'start') {
    void start(command.settings);
    return;
  }
  if (command.type === 'close') {
    void end(0);
    return;
  }
  if (media === null) return;
  switch (command.type) {
    case 'room.open':
      answer(command.id, media.openRoom(command));
      break;
    case 'token.create':
      answer(command.id, media.createToken(command));
      break;
    case 'offer.answer':
      answer(command.id, media.answerOffer(command));
      break;
    case 'peer.remove':
      media.removePeer(command.room, command.identity);
      break;
    case 'stats.read':
      answer(command.id, media.stats());
      break;
    case 'style.change':
      media.changeStyle(command.room, command.style);
      break;
    case 'room.close':
      media.closeRoom(command.room);
      break;
    case 'fault':
      media.fault(command.fault);
      break;
  }
}

async function end(code: number): Promise<void> {
  if (ending) return;
  ending = true;
  // What hangs on its way out is not waited for: the process's end frees it.
  const deadline = setTimeout(() => process.exit(code), 2_000);
  try {
    await media?.close();
  } finally {
    clearTimeout(deadline);
    process.exit(code);
  }
}

process.on('message', (message) => obey(decodeCommand(message)));
process.on('disconnect', () => void end(0));
// A terminal sends Ctrl-C to the whole group; the parent decides what follows from it.
process.on('SIGINT', () => {});

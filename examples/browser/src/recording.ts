// The flight recorder: runs all the time, and is saved when something is worth a report.
import { type DecartClient, recordSession, type SessionRecording } from 'decart-rx/browser';
import { Observable, switchMap, tap } from 'rxjs';
import { clicks, create, element } from './dom.js';

/** Records for as long as it is subscribed to. Keys, tokens and images are never in a recording; prompts are here. */
export function recordings({ realtime }: DecartClient): Observable<unknown> {
  const recording$ = new Observable<SessionRecording>((subscriber) => {
    const recording = recordSession(realtime, { prompts: true });
    subscriber.next(recording);
    return () => recording.stop();
  });
  const button = element('recording', HTMLButtonElement);
  button.hidden = false;
  return recording$.pipe(
    switchMap((recording) => clicks(button).pipe(tap(() => save('decart-session.jsonl', recording.toString())))),
  );
}

function save(name: string, text: string): void {
  const link = create('a');
  link.download = name;
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/jsonl' }));
  link.click();
  URL.revokeObjectURL(link.href);
}

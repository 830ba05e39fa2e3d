// What tests of one session taking another's place have in common.
import type { SessionEnd } from '../core/session/machine/endings.js';
import type { SessionStage } from './session-stage.js';

/** The latest room shows its first frame. */
export const showFrame = ({ network }: SessionStage): void => network.rooms.at(-1)?.firstFrame();

/** Notes what the app observes: states, which stream is shown, switches, ends. */
export function watchApp({ watch, realtime, note }: SessionStage): void {
  const numbered = new Map<unknown, number>();
  watch('state', realtime.connectionState$);
  watch('stream', realtime.remoteStream$, (stream: unknown) => {
    if (stream === null) return 'none';
    if (!numbered.has(stream)) numbered.set(stream, numbered.size + 1);
    return `${numbered.get(stream)}`;
  });
  watch('ended', realtime.ended$, ({ by, reason, seconds }: SessionEnd) => `${by} ${reason} ${seconds}`);
  realtime.diagnostics$.subscribe((event) => {
    if (event.name === 'seamlessSwitch') note(`switch ${event.outcome} ${event.reason ?? ''}`.trim());
  });
}

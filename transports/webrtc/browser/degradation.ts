import type { PublishOptions } from '../../../core/ports/media.js';

/** What the encoder of a sender gives up last. By default the browser decides, by what the track shows. */
export function setDegradation(sender: RTCRtpSender, { degradationPreference }: PublishOptions): void {
  if (degradationPreference === 'balanced') return;
  const parameters = { ...sender.getParameters(), degradationPreference };
  // It is a wish: the video goes out without it as well.
  sender.setParameters(parameters).catch(() => undefined);
}

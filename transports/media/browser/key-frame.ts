/** Chromium's: what is asked of the encoder along with the parameters. */
interface EncodingSender {
  setParameters(
    parameters: RTCRtpSendParameters,
    options: { readonly encodingOptions: readonly { readonly keyFrame: boolean }[] },
  ): Promise<void>;
}

/**
 * Asks for a key frame of the video that is sent. What was sent before the far end subscribed has used the first one up,
 * and the sender lets a third of a second pass before it answers the next request; this one it answers at once. Browsers
 * that do not know the option ignore it.
 */
export function requestKeyFrame(senders: readonly RTCRtpSender[]): void {
  for (const sender of senders) {
    if (sender.track?.kind !== 'video') continue;
    const parameters = sender.getParameters();
    const encodingOptions = parameters.encodings.map(() => ({ keyFrame: true }));
    // Where it fails, the sender's own pace is what is left.
    (sender as EncodingSender).setParameters(parameters, { encodingOptions }).catch(() => undefined);
  }
}

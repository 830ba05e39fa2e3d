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
 * that do not know the option ignore it. Where nothing has been sent yet, the first frame will be one, and a second right
 * behind it would only delay it.
 */
export function requestKeyFrame(senders: readonly RTCRtpSender[]): void {
  for (const sender of senders) {
    // Where it fails, the sender's own pace is what is left.
    if (sender.track?.kind === 'video') requestFrom(sender).catch(() => undefined);
  }
}

async function requestFrom(sender: RTCRtpSender): Promise<void> {
  const report = [...(await sender.getStats()).values()] as readonly RTCOutboundRtpStreamStats[];
  if (!report.some(({ type, framesEncoded = 0 }) => type === 'outbound-rtp' && framesEncoded > 0)) return;
  const parameters = sender.getParameters();
  const encodingOptions = parameters.encodings.map(() => ({ keyFrame: true }));
  await (sender as EncodingSender).setParameters(parameters, { encodingOptions });
}

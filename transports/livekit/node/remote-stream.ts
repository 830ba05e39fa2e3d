import { createNodeRemoteStream, type FramesListener, type NodeRemoteStream } from '../../media/node/remote-stream.js';
import { within } from '../../media/within.js';
import type { LiveKitNode } from './native.js';

export type RemoteVideoTrack = InstanceType<LiveKitNode['RemoteVideoTrack']>;
export type RemoteAudioTrack = InstanceType<LiveKitNode['RemoteAudioTrack']>;

export interface RemoteTracks {
  readonly videoTrack: RemoteVideoTrack | null;
  readonly audioTrack: RemoteAudioTrack | null;
}

export interface RemoteStreamListener extends FramesListener {
  onFailed(error: unknown): void;
}

const cancelLimitMs = 500;

/** Reads the video track from now on until it is disposed of, whether anyone watches or not: unread frames pile up. */
export function createRemoteStream(
  rtc: LiveKitNode,
  tracks: RemoteTracks,
  listener: RemoteStreamListener,
): NodeRemoteStream {
  const reader = tracks.videoTrack ? new rtc.VideoStream(tracks.videoTrack).getReader() : null;
  let isStopped = false;

  const { stream, receive } = createNodeRemoteStream(tracks, listener, async () => {
    isStopped = true;
    // The native stream goes on by itself after its track is gone; only this ends it.
    if (reader) await within(cancelLimitMs, reader.cancel());
  });

  const drain = async (from: NonNullable<typeof reader>): Promise<void> => {
    for (;;) {
      const { done, value } = await from.read();
      if (done) return;
      if (isStopped) continue;
      const { type, data, width, height } =
        value.frame.type === rtc.VideoBufferType.I420 ? value.frame : value.frame.convert(rtc.VideoBufferType.I420);
      if (type === rtc.VideoBufferType.I420) {
        receive({ data, width, height, timestampUs: Number(value.timestampUs) });
      }
    }
  };

  if (reader) {
    drain(reader).catch((error: unknown) => {
      if (!isStopped) listener.onFailed(error);
    });
  }
  return stream;
}

import type { LocalStreamRequest } from '../../../core/ports/platform.js';
import { deviceError, deviceFailure } from './device-failure.js';

export type CameraChoice = Pick<LocalStreamRequest, 'width' | 'height' | 'fps' | 'facing'> & {
  /** One certain camera; `facing` is then only a hint for mirroring. */
  readonly deviceId?: string;
};

/** Opens a camera, as near to the size and rate as there is one. @throws DecartError MEDIA_DEVICE_ERROR */
export async function openCamera({ width, height, fps, facing, deviceId }: CameraChoice): Promise<MediaStreamTrack> {
  const video: MediaTrackConstraints = {
    width: { ideal: width },
    height: { ideal: height },
    frameRate: { ideal: fps },
    ...(deviceId === undefined
      ? { facingMode: { ideal: facing === 'front' ? 'user' : 'environment' } }
      : { deviceId: { exact: deviceId } }),
  };
  const [track] = (await capture('camera', { video })).getVideoTracks();
  if (!track) throw deviceFailure('camera', 'no-device');
  return track;
}

/** @throws DecartError MEDIA_DEVICE_ERROR */
export async function openMicrophone(): Promise<MediaStreamTrack> {
  const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  const [track] = (await capture('microphone', { audio })).getAudioTracks();
  if (!track) throw deviceFailure('microphone', 'no-device');
  return track;
}

async function capture(device: string, constraints: MediaStreamConstraints): Promise<MediaStream> {
  // Absent where the page is not secure, although the types do not say so.
  const devices = globalThis.navigator?.mediaDevices as MediaDevices | undefined;
  if (!devices?.getUserMedia) throw deviceFailure(device, 'unsupported');
  try {
    return await devices.getUserMedia(constraints);
  } catch (error) {
    throw deviceError(device, error);
  }
}

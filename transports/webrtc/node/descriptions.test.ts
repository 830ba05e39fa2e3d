import { expect, test } from '@jest/globals';
import { filter, lastValueFrom, map, take, tap, toArray } from 'rxjs';
import type { PeerSignal } from '../../../core/ports/media.js';
import { defaultPublishOptions } from '../../../core/session/machine/connect-plan.js';
import { createDirectNodeTransport, type NodeWebRtc } from './index.js';

/** The text of a description is put together on the event loop's thread, while another one adds candidates to it. */
function mayCrash(): never {
  throw new Error('@roamhq/wrtc may crash the process here.');
}

/** A peer connection that notes what it is given. */
class Peer {
  readonly signalingState = 'stable';
  readonly given: unknown[] = [];
  readonly createOffer = async () => ({ type: 'offer', sdp: 'offer' });
  readonly createAnswer = async () => ({ type: 'answer', sdp: 'answer' });
  setConfiguration(): void {}
  addTransceiver(): void {}
  close(): void {}
  async setLocalDescription({ type }: RTCSessionDescriptionInit): Promise<void> {
    this.given.push(`local ${type}`);
  }
  async setRemoteDescription({ type }: RTCSessionDescriptionInit): Promise<void> {
    this.given.push(`remote ${type}`);
  }
  async addIceCandidate({ candidate }: RTCIceCandidateInit): Promise<void> {
    this.given.push(candidate);
  }
  get localDescription(): never {
    return mayCrash();
  }
  get remoteDescription(): never {
    return mayCrash();
  }
}

test('offers, answers and uses early candidates, and reads no description back', async () => {
  const peers: Peer[] = [];
  const RTCPeerConnection = class extends Peer {
    constructor() {
      super();
      peers.push(this);
    }
  };
  const RTCRtpReceiver = { getCapabilities: () => null };
  const wrtc = { RTCPeerConnection, RTCRtpReceiver } as unknown as NodeWebRtc;
  const transport = createDirectNodeTransport({ load: async () => wrtc });
  const room = transport.join({
    localStream: null,
    videoTrack: null,
    publish: defaultPublishOptions,
    onMarker: null,
    iceServers: [],
    playsAudio: false,
  });
  const service: PeerSignal[] = [
    { type: 'candidate', candidate: { candidate: 'early' } },
    { type: 'offer', sdp: 'from the service' },
    { type: 'candidate', candidate: { candidate: 'late' } },
    { type: 'offer', sdp: 'another one' },
  ];
  const signals = room.events$.pipe(
    filter((event) => event.type === 'signal'),
    map(({ signal }) => signal),
    tap(({ type }) => {
      if (type === 'offer') for (const signal of service) room.receive?.(signal);
    }),
    take(3),
    toArray(),
  );
  expect(await lastValueFrom(signals)).toEqual([
    { type: 'offer', sdp: 'offer' },
    { type: 'answer', sdp: 'answer' },
    { type: 'answer', sdp: 'answer' },
  ]);
  await transport.release();
  expect(peers.map(({ given }) => given)).toEqual([
    ['local offer', 'remote offer', 'early', 'local answer', 'late', 'remote offer', 'local answer'],
  ]);
});

import { randomUUID } from 'node:crypto';
import type { RemoteParticipant } from '@livekit/rtc-node';
import type { PublishOptions, RoomRequest } from '../../../core/ports/media.js';
import type {
  LiveKitNodeTransport,
  NodeLocalStream,
  NodeRemoteStream,
  NodeVideoTrack,
} from '../../../transports/livekit/node/index.js';
import type { MediaHarness } from '../../conformance/media-stage.js';
import { RtcNodeClient } from '../sfu/e2e/rtc-node-client.js';
import { createAccessToken } from '../sfu/media-server.js';
import type { LiveKitServer } from './livekit-server.js';
import { type CallersStream, createCallersStream, createCountedTrack } from './node-video.js';

const CLIENT = 'client-under-test';
const SIZE = { width: 320, height: 180 };
const PUBLISH: PublishOptions = {
  preferredCodec: 'vp8',
  backupCodec: null,
  maxBitrate: 1_000_000,
  maxFramerate: 30,
  simulcast: false,
  degradationPreference: 'balanced',
};

/** Plays the room on a LiveKit server with real participants: each case has a room of its own there. */
export function liveKitHarness(
  server: () => LiveKitServer,
  createTransport: () => LiveKitNodeTransport,
): MediaHarness<NodeLocalStream, NodeRemoteStream> {
  return {
    async start() {
      const { url, apiKey, apiSecret, kick } = server();
      const room = randomUUID();
      const transport = createTransport();
      const token = await createAccessToken({ apiKey, apiSecret, room, identity: CLIENT });
      const refused = await createAccessToken({ apiKey, apiSecret: 'another secret', room, identity: CLIENT });
      // Sees what the server shows of the client.
      const observer = await RtcNodeClient.join(server(), { room, identity: 'observer', autoSubscribe: false });
      const { ParticipantDisconnected, TrackPublished } = observer.sdk.RoomEvent;
      const participants: RtcNodeClient[] = [];
      /** How often the frames of a track are being read, by track. */
      const readers = new Map<NodeVideoTrack, number>();
      const request = (localStream: NodeLocalStream | null, bearer: string): RoomRequest<NodeLocalStream> => ({
        url,
        token: bearer,
        localStream,
        videoTrack: null,
        publish: PUBLISH,
        onMarker: null,
      });
      const clientsKinds = () =>
        [...(observer.room.remoteParticipants.get(CLIENT)?.trackPublications.values() ?? [])].map(({ kind }) =>
          kind === observer.sdk.TrackKind.KIND_AUDIO ? ('audio' as const) : ('video' as const),
        );
      const isClient = ({ identity }: RemoteParticipant) => (identity === CLIENT ? true : undefined);

      return {
        transport,
        // A busy machine is no reason to fail.
        limitMs: 30_000,
        request: (localStream) => request(localStream, token),
        refusedRequest: () => request(null, refused),
        createLocalStream: async () => createCallersStream(readers),
        isUsable: (stream) => !(stream as CallersStream).disposed,
        createVideoTrack: async () => createCountedTrack(readers),
        isSent: (track) => (readers.get(track as NodeVideoTrack) ?? 0) > 0,
        async enter(identity) {
          const participant = await RtcNodeClient.join(server(), { room, identity });
          participants.push(participant);
          await participant.publishVideo(SIZE);
          return {
            leave: async () => {
              participants.splice(participants.indexOf(participant), 1);
              await participant.leave();
            },
          };
        },
        async publishedKinds() {
          const published = observer.next(TrackPublished, (_publication: unknown, by: RemoteParticipant) =>
            isClient(by),
          );
          if (clientsKinds().length === 0) await published;
          return clientsKinds();
        },
        kick: () => kick(room, CLIENT),
        async idle() {
          const left = observer.next(ParticipantDisconnected, isClient);
          if (observer.room.remoteParticipants.has(CLIENT)) await left;
          const open = [...readers.values()].reduce((sum, count) => sum + count, 0);
          if (open > 0) throw new Error(`${open} readers of local video are still open.`);
        },
        async stop() {
          await transport.release();
          for (const participant of [...participants, observer]) await participant.leave();
        },
      };
    },
  };
}

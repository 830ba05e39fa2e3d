// The service's media in the page: rooms in memory, whose streams are drawn on a canvas.
import { map, Observable, tap } from 'rxjs';
import { invalid } from '../../../core/errors.js';
import type { MediaTransport, RoomEvent, RoomStats } from '../../../core/ports/media.js';
import type { RtcStatsEntry } from '../../../core/stats/entry.js';
import type { PublishableStream } from '../../../transports/media/browser/local-stream.js';
import {
  type BrowserRemoteStream,
  createRemoteStream,
  type RemoteStreamListener,
} from '../../../transports/media/browser/remote-stream.js';
import type { MemoryNetwork, MemoryRemoteStream } from '../../../transports/memory/index.js';
import type { NetworkShape } from '../../service/network.js';
import { type Look, type Painting, paint } from './picture.js';

/** What the page's media are made from. */
export interface PageMediaOptions {
  readonly network: MemoryNetwork;
  /** What the service shows in a room. */
  readonly lookOf: (roomName: string) => Look;
  /** The shape of the network now. */
  readonly shape: () => NetworkShape;
  readonly follow: RemoteStreamListener['follow'];
}

/** A media transport whose service is in the page. */
export function createPageMedia(options: PageMediaOptions): MediaTransport<PublishableStream, BrowserRemoteStream> {
  return { readsMarkers: true, join: (request) => joinInPage(request, options) };
}

type Join = MediaTransport<PublishableStream, BrowserRemoteStream>['join'];

const joinInPage = (
  request: Parameters<Join>[0],
  { network, lookOf, shape, follow }: PageMediaOptions,
): ReturnType<Join> => {
  const room = network.media.join({ ...request, localStream: null });
  const look = lookOf(request.token);
  const input = (request.videoTrack as MediaStreamTrack | null) ?? request.localStream?.videoTrack ?? null;
  let painting: Painting | null = null;
  let stopStream = (): void => undefined;

  const stop = (): void => {
    stopStream();
    stopStream = () => undefined;
    painting?.stop();
    painting = null;
  };
  const drawn = (stream: MemoryRemoteStream | null, firstFrame: () => void): BrowserRemoteStream | null => {
    stop();
    if (stream === null || input === null) return null;
    painting = paint(input, look);
    const listener: RemoteStreamListener = {
      onFirstFrame: firstFrame,
      onMarker: request.onMarker,
      onLatency: null,
      onPlaybackRefused: () => undefined,
      follow,
    };
    const made = createRemoteStream({ video: { mediaStreamTrack: painting.track }, audio: null }, listener);
    stopStream = made.stop;
    return made.stream;
  };

  return {
    events$: new Observable<RoomEvent<BrowserRemoteStream>>((subscriber) => {
      const firstFrame = (): void => subscriber.next({ type: 'firstFrame' });
      const events$ = room.events$.pipe(
        map((event) =>
          event.type === 'streamChanged' ? { ...event, stream: drawn(event.stream, firstFrame) } : event,
        ),
        tap(({ type }) => type === 'closed' && stop()),
      );
      return events$.subscribe(subscriber);
    }),
    close: () => room.close(),
    resume: () => room.resume(),
    replaceVideoTrack: (track) =>
      new Observable((subscriber) => {
        if (!(track instanceof MediaStreamTrack)) throw invalid('A video track in a page is a MediaStreamTrack.');
        painting?.changeInput(track);
        subscriber.complete();
      }),
    readStats: () =>
      new Observable((subscriber) => {
        subscriber.next(statsOf(painting?.frames() ?? 0, shape()));
        subscriber.complete();
      }),
  };
};

/** What the network of this shape would report, and the frames that really were drawn. */
function statsOf(frames: number, { upstream, downstream }: NetworkShape): RoomStats {
  const timestamp = performance.now();
  const roundTripTime = ((upstream.delayMs ?? 0) + (downstream.delayMs ?? 0) + 2) / 1000;
  const entry = (type: string, id: string, members: object): RtcStatsEntry => ({
    type,
    id,
    timestamp,
    kind: 'video',
    ...members,
  });
  return {
    publisher: [
      entry('outbound-rtp', 'O', { mediaSourceId: 'S', framesEncoded: frames }),
      entry('media-source', 'S', { frames }),
      entry('remote-inbound-rtp', 'R', {
        localId: 'O',
        fractionLost: (upstream.lossPercent ?? 0) / 100,
        roundTripTime,
      }),
      entry('candidate-pair', 'P', {
        state: 'succeeded',
        nominated: true,
        currentRoundTripTime: roundTripTime,
        availableOutgoingBitrate: (upstream.bandwidthKbps ?? 20_000) * 1000,
      }),
    ],
    subscriber: [entry('inbound-rtp', 'I', { framesDecoded: frames })],
  };
}

import type { MediaRequest, RoomRequest } from '../../core/ports/media.js';
import type { LocalStream, RemoteStream } from '../../core/ports/streams.js';
import { type ConformanceCase, check, checkEqual } from './case.js';
import { INFERENCE, leave, type Rule, type Visit } from './media-visit.js';

export function endCases<L extends LocalStream, R extends RemoteStream>(rule: Rule<L, R>): ConformanceCase[] {
  return [
    rule('a refused join is lost, then closed', async (visit) => {
      const request = visit.stage.refusedRequest();
      const { recorder } = visit.join(request);
      await recorder.ended();
      checkEqual(recorder.types, ['lost', 'closed'], 'events');
      const token = 'token' in request ? request.token : null;
      if (typeof token === 'string') check(!JSON.stringify(recorder.events).includes(token), 'The token shows.');
    }),
    rule('a stay that the server ends is lost once, then closed', async (visit) => {
      const { room, recorder } = await visit.published(await visit.localStream());
      await visit.stage.enter(INFERENCE);
      await recorder.until('streamChanged');
      await visit.stage.kick();
      await recorder.ended();
      checkEqual(recorder.types.slice(-2), ['lost', 'closed'], 'last events');
      checkEqual(recorder.types.filter((type) => type === 'lost').length, 1, 'how often it was lost');
      recorder.call('close', () => room.close());
      recorder.checkRules();
    }),
    rule('close before the subscription: just closed', async (visit) => {
      const room = visit.prepare();
      const recorder = visit.record(room);
      recorder.call('close', () => room.close());
      recorder.start();
      await recorder.ended();
      checkEqual(recorder.types, ['closed'], 'events');
    }),
    rule('close while joining cancels the join', async (visit) => {
      const { room, recorder } = visit.join(visit.stage.request(await visit.localStream()));
      const before = recorder.types;
      recorder.call('close', () => room.close());
      await recorder.ended();
      checkEqual(recorder.types, [...before, 'closed'], 'events');
    }),
    rule('close from inside `joined`: only closed follows', async (visit) => {
      const room = visit.prepare(visit.stage.request(await visit.localStream()));
      const recorder = visit.record(room);
      recorder.onEvent = ({ type }) => {
        if (type === 'joined') recorder.call('close', () => room.close());
      };
      recorder.start();
      await recorder.ended();
      checkEqual(recorder.types, ['joined', 'closed'], 'events');
    }),
    rule('close while frames arrive: only closed follows', async (visit) => {
      await visit.stage.enter(INFERENCE);
      const { room, recorder } = await visit.published(await visit.localStream());
      await recorder.until('firstFrame');
      const before = recorder.types;
      for (let i = 0; i < 3; i += 1) recorder.call('close', () => room.close());
      await recorder.ended();
      checkEqual(recorder.types, [...before, 'closed'], 'events');
    }),
    rule('close from inside `lost`: only closed follows', async (visit) => {
      const { room, recorder } = await visit.published(null);
      recorder.onEvent = ({ type }) => {
        if (type === 'lost') recorder.call('close', () => room.close());
      };
      await visit.stage.kick();
      await recorder.ended();
      checkEqual(recorder.types.slice(-2), ['lost', 'closed'], 'last events');
    }),
    rule('a second subscriber gets a closed, and the first goes on', async (visit) => {
      const { room, recorder } = await visit.published(null);
      const second = visit.record(room).start();
      await second.ended();
      checkEqual(second.types, ['closed'], 'events of the second');
      await visit.stage.enter(INFERENCE);
      await recorder.until('streamChanged');
      await leave(room, recorder);
    }),
    rule('one local stream can go through several stays', async (visit) => {
      const localStream = await visit.localStream();
      for (let stay = 0; stay < 2; stay += 1) {
        const { room, recorder } = await visit.published(localStream);
        checkEqual(await visit.stage.publishedKinds(), ['video'], 'published tracks');
        await leave(room, recorder);
        await visit.idle();
      }
    }),
  ];
}

export function callCases<L extends LocalStream, R extends RemoteStream>(rule: Rule<L, R>): ConformanceCase[] {
  return [
    rule('readStats emits while joined, and errors otherwise', async (visit) => {
      const idle = visit.prepare();
      await visit.failsWithDecartError(idle.readStats(), 'readStats before the join');
      idle.close();
      const { room, recorder } = await visit.published(null);
      const reports = await visit.collect(room.readStats(), 'a stats report');
      checkEqual(reports.length, 1, 'reports');
      const entries = reports.flatMap(({ publisher, subscriber }) => [...publisher, ...subscriber]);
      check(
        entries.every(({ type }) => typeof type === 'string'),
        'Each entry of a report has a type.',
      );
      await leave(room, recorder);
      await visit.failsWithDecartError(room.readStats(), 'readStats after the end');
    }),
    rule('replaceVideoTrack sends the other track in place of the present one', async (visit) => {
      const localStream = await visit.localStream();
      const { room, recorder } = await visit.published(localStream);
      const track = await visit.stage.createVideoTrack();
      await visit.collect(room.replaceVideoTrack(track), 'replaceVideoTrack to complete');
      checkSent(visit, { sent: track, unsent: localStream.videoTrack });
      checkEqual(await visit.stage.publishedKinds(), ['video'], 'published tracks');
      await leave(room, recorder);
    }),
    rule("a request's video track is sent in place of the local stream's", async (visit) => {
      const localStream = await visit.localStream();
      const videoTrack = await visit.stage.createVideoTrack();
      const { room, recorder } = visit.join({ ...visit.stage.request(localStream), videoTrack });
      await recorder.until('published');
      checkSent(visit, { sent: videoTrack, unsent: localStream.videoTrack });
      checkEqual(await visit.stage.publishedKinds(), ['video'], 'published tracks');
      await leave(room, recorder);
    }),
    rule('replaceVideoTrack refuses what is no track, and outside a stay', async (visit) => {
      const { room, recorder } = await visit.published(await visit.localStream());
      await visit.failsWithDecartError(room.replaceVideoTrack({}), 'replaceVideoTrack with no track');
      await leave(room, recorder);
      const track = await visit.stage.createVideoTrack();
      await visit.failsWithDecartError(room.replaceVideoTrack(track), 'replaceVideoTrack after the end');
    }),
    rule('preload and resume do no harm in any state', async (visit) => {
      const request = visit.stage.request(null);
      visit.stage.transport.preload?.();
      if (isRoomRequest(request)) visit.stage.transport.preload?.(request);
      const room = visit.prepare(request);
      const recorder = visit.record(room);
      recorder.call('resume', () => room.resume());
      recorder.start();
      recorder.call('resume', () => room.resume());
      await recorder.until('published');
      await leave(room, recorder);
      recorder.call('resume', () => room.resume());
      recorder.call('close', () => room.close());
      recorder.checkRules();
    }),
  ];
}

function checkSent<L extends LocalStream, R extends RemoteStream>(
  { stage }: Visit<L, R>,
  { sent, unsent }: { sent: unknown; unsent: unknown },
): void {
  check(stage.isSent(sent), 'The track that was given is not sent.');
  check(!stage.isSent(unsent), "The local stream's own track is still sent.");
}

const isRoomRequest = (request: MediaRequest): request is RoomRequest => 'token' in request;

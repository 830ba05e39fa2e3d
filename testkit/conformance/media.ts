import type { LocalStream, RemoteStream } from '../../core/ports/streams.js';
import { type ConformanceCase, check, checkEqual, onStage } from './case.js';
import { callCases, endCases } from './media-ends.js';
import type { MediaHarness } from './media-stage.js';
import { INFERENCE, lastStream, leave, type Rule, streams, Visit } from './media-visit.js';

/** Every obligation of the media port, as cases. */
export function mediaConformance<L extends LocalStream, R extends RemoteStream>(
  harness: MediaHarness<L, R>,
): ConformanceCase[] {
  const onFreshStage = onStage(() => harness.start());
  /** A case in which everything that was opened is freed in the end. */
  const rule = (name: string, body: (visit: Visit<L, R>) => Promise<void>) =>
    onFreshStage(name, async (stage) => {
      const visit = new Visit(stage);
      try {
        await body(visit);
      } catch (error) {
        visit.abandon();
        throw error;
      }
      await visit.idle();
      visit.checkCallersStreams();
    });

  return [
    rule('join opens nothing until the events are subscribed to', async (visit) => {
      const unused = visit.prepare(visit.stage.request(await visit.localStream()));
      const { room, recorder } = await visit.published(null);
      await leave(room, recorder);
      unused.close();
    }),
    rule('joined, then published, with a local stream', async (visit) => {
      const { room, recorder } = await visit.published(await visit.localStream());
      checkEqual(await visit.stage.publishedKinds(), ['video'], 'published tracks');
      await leave(room, recorder);
      checkEqual(recorder.types.slice(0, 2), ['joined', 'published'], 'first events');
    }),
    rule('joined, then published, with nothing to publish', async (visit) => {
      const { room, recorder } = await visit.published(null);
      await leave(room, recorder);
      check(!recorder.types.includes('streamChanged'), 'streamChanged was emitted without a stream.');
      checkEqual(recorder.types.slice(0, 2), ['joined', 'published'], 'first events');
    }),
    rule('the stream of an inference server that comes later', async (visit) => {
      const { room, recorder } = await visit.published(null);
      await visit.stage.enter(INFERENCE);
      await recorder.until('firstFrame');
      const [stream] = streams(recorder);
      check(stream?.id === 'stream-remote' && stream.videoTrack !== null, 'There is no remote video.');
      check(
        recorder.types.indexOf('streamChanged') < recorder.types.indexOf('firstFrame'),
        'firstFrame came too early.',
      );
      await leave(room, recorder);
    }),
    rule('the stream of an inference server that is there already', async (visit) => {
      await visit.stage.enter(INFERENCE);
      const { room, recorder } = await visit.published(await visit.localStream());
      await recorder.until('firstFrame');
      check(streams(recorder).at(-1)?.videoTrack != null, 'There is no remote video.');
      checkEqual(recorder.types.slice(0, 2), ['joined', 'published'], 'first events');
      await leave(room, recorder);
    }),
    ...(harness.hasOneFarEnd ? [] : participantCases(rule)),
    ...(harness.addsTracks ? [outgrownCase(rule)] : []),
    rule('disposing of the remote stream is idempotent, also after the room', async (visit) => {
      const { room, recorder } = await visit.published(null);
      await visit.stage.enter(INFERENCE);
      await recorder.until('streamChanged');
      const stream = streams(recorder).at(-1);
      await stream?.dispose();
      await stream?.dispose();
      await leave(room, recorder);
      await stream?.dispose();
    }),
    ...endCases(rule),
    ...callCases(rule),
  ];
}

function participantCases<L extends LocalStream, R extends RemoteStream>(rule: Rule<L, R>): ConformanceCase[] {
  return [
    rule('other participants make no stream', async (visit) => {
      await visit.stage.enter('viewer-1');
      const { room, recorder } = await visit.published(null);
      await visit.stage.enter('not-inference-server-0');
      await visit.stage.enter(INFERENCE);
      await recorder.until('firstFrame');
      checkEqual(streams(recorder).length, 1, 'streams');
      await leave(room, recorder);
    }),
    rule('null when the tracks are gone, a fresh stream when others come', async (visit) => {
      const { room, recorder } = await visit.published(null);
      const first = await visit.stage.enter(INFERENCE);
      await recorder.until('firstFrame');
      await first.leave();
      await recorder.untilSeen((events) => lastStream(events) === null, 'a `streamChanged` to null');
      await visit.stage.enter('inference-server-1');
      await recorder.untilSeen((events) => lastStream(events) != null, 'a `streamChanged` to a fresh stream');
      const [before, after] = [streams(recorder).at(0), streams(recorder).at(-1)];
      check(before !== after && before?.videoTrack !== after?.videoTrack, 'The stream is the old one.');
      await leave(room, recorder);
    }),
  ];
}

function outgrownCase<L extends LocalStream, R extends RemoteStream>(rule: Rule<L, R>): ConformanceCase {
  return rule('a stream whose tracks are all in the next one lives on, until one of them goes', async (visit) => {
    const { room, recorder } = await visit.published(null);
    const participant = await visit.stage.enter(INFERENCE);
    await recorder.until('firstFrame');
    const before = streams(recorder).at(-1);
    await participant.addAudio?.();
    await recorder.untilSeen((events) => lastStream(events)?.audioTrack != null, 'a `streamChanged` with audio');
    const after = streams(recorder).at(-1);
    const live = () => [before, after].map((stream) => stream && visit.stage.isLive?.(stream));
    check(before !== after, 'The stream is the old one.');
    checkEqual(live(), [true, true], 'whether the stream without audio and the one with it live');
    await participant.leave();
    await recorder.untilSeen((events) => lastStream(events) === null, 'a `streamChanged` to null');
    checkEqual(live(), [false, false], 'whether they live when their tracks are gone');
    await leave(room, recorder);
  });
}

import { type ConformanceCase, check, checkEqual, onStage, Recorder, within } from './case.js';
import { closeByClientCases, closeByServerCases } from './signaling-ends.js';
import type { SignalingHarness, SignalingStage } from './signaling-stage.js';
import { addressOf, closed, connecting, frames, limitOf, nextFrame, opened, SECRET } from './signaling-visit.js';

/** Every obligation of the signaling port, as cases. */
export function signalingConformance(harness: SignalingHarness): ConformanceCase[] {
  const onFreshStage = onStage(() => harness.start());
  /** A case in which everything that was opened is closed in the end. */
  const rule = (name: string, body: (stage: SignalingStage) => Promise<void>) =>
    onFreshStage(name, async (stage) => {
      await body(stage);
      await within(stage.idle(), limitOf(stage), () => 'the server to be without connections');
    });

  return [
    rule('open opens nothing until the events are subscribed to', async (stage) => {
      stage.transport.open({ url: addressOf(stage) });
      const { socket, recorder } = await opened(stage);
      checkEqual(stage.connectionCount(), 1, 'connections');
      await closed(socket, recorder);
    }),
    rule('the address reaches the server unchanged', async (stage) => {
      const { socket, recorder, connection } = await opened(stage);
      check(connection.url.endsWith(`?api_key=${SECRET}`), 'The query did not reach the server.');
      await closed(socket, recorder);
    }),
    rule('opened, messages in order, closed, completion', async (stage) => {
      const { socket, recorder, connection } = await connecting(stage);
      connection.accept();
      for (let i = 0; i < 200; i += 1) connection.send(`frame ${i}`);
      await recorder.until('message', 200);
      await closed(socket, recorder);
      checkEqual(recorder.types, ['opened', ...new Array<string>(200).fill('message'), 'closed'], 'events');
      checkEqual(
        frames(recorder),
        [...Array(200).keys()].map((i) => `frame ${i}`),
        'frames',
      );
    }),
    rule('frames that are sent keep their order', async (stage) => {
      const { socket, recorder, connection } = await opened(stage);
      for (let i = 0; i < 200; i += 1) recorder.call('send', () => socket.send(`frame ${i}`));
      for (let i = 0; i < 200; i += 1) checkEqual(await nextFrame(stage, connection), `frame ${i}`, 'frame');
      await closed(socket, recorder);
    }),
    rule('frames sent from inside `opened` go out', async (stage) => {
      const { socket, recorder, connection } = await connecting(stage);
      recorder.onEvent = ({ type }) => {
        if (type === 'opened') socket.send('first');
      };
      connection.accept();
      checkEqual(await nextFrame(stage, connection), 'first', 'frame');
      await closed(socket, recorder);
    }),
    rule('frames sent before `opened` are dropped without harm', async (stage) => {
      const socket = stage.transport.open({ url: addressOf(stage) });
      const recorder = new Recorder(socket.events$, limitOf(stage));
      recorder.call('send', () => socket.send('before the subscription'));
      recorder.start();
      const connection = await within(stage.nextConnection(), limitOf(stage), () => 'a connection');
      recorder.call('send', () => socket.send('before the upgrade'));
      connection.accept();
      await recorder.until('opened');
      recorder.call('send', () => socket.send('after'));
      checkEqual(await nextFrame(stage, connection), 'after', 'frame');
      await closed(socket, recorder);
    }),
    rule('send and close after closed do no harm', async (stage) => {
      const { socket, recorder } = await opened(stage);
      await closed(socket, recorder);
      recorder.call('send', () => socket.send('late'));
      recorder.call('close', () => socket.close(1000, 'again'));
      recorder.checkRules();
    }),
    rule('send after close sends nothing', async (stage) => {
      const { socket, recorder, connection } = await opened(stage);
      recorder.call('send', () => socket.send('before'));
      recorder.call('close', () => socket.close());
      recorder.call('send', () => socket.send('after'));
      await recorder.ended();
      checkEqual(await nextFrame(stage, connection), 'before', 'frame');
      const late = await Promise.race([connection.nextFrame(), connection.closed.then(() => null)]);
      checkEqual(late, null, 'frame after close');
    }),
    rule('text of any length and script passes both ways', async (stage) => {
      const { socket, recorder, connection } = await opened(stage);
      const texts = ['', 'žluťoučký 🐎 \u0000 "\\', 'x'.repeat(4 * 1024 * 1024)];
      for (const text of texts) {
        recorder.call('send', () => socket.send(text));
        check((await nextFrame(stage, connection)) === text, `A text of ${text.length} characters came out changed.`);
        connection.send(text);
      }
      await recorder.until('message', texts.length);
      check(
        frames(recorder).every((frame, i) => frame === texts[i]),
        'A text from the server came out changed.',
      );
      await closed(socket, recorder);
    }),
    rule('binary frames arrive as their bytes, text frames as strings', async (stage) => {
      const { socket, recorder, connection } = await opened(stage);
      const all = Uint8Array.from({ length: 256 }, (_, i) => i);
      const sent = [all.subarray(3, 200), 'text', new Uint8Array(0), new Uint8Array(1024 * 1024).fill(7)];
      for (const frame of sent) connection.send(frame);
      await recorder.until('message', sent.length);
      for (const [i, frame] of frames(recorder).entries()) {
        const wanted = sent[i];
        check(typeof frame === typeof wanted, `Frame ${i} is a ${typeof frame}.`);
        check(typeof frame === 'string' || ArrayBuffer.isView(frame), `Frame ${i} is no Uint8Array.`);
        checkEqual([...frame.slice(0, 300)], [...(wanted ?? []).slice(0, 300)], `frame ${i}`);
        checkEqual(frame.length, wanted?.length, `length of frame ${i}`);
      }
      await closed(socket, recorder);
    }),
    ...closeByServerCases(rule),
    ...closeByClientCases(rule),
  ];
}

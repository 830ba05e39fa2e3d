import { type ConformanceCase, checkEqual, Recorder, within } from './case.js';
import {
  addressOf,
  checkNoSecret,
  closed,
  connecting,
  limitOf,
  nextFrame,
  opened,
  type Rule,
  recorderClose,
  SECRET,
} from './signaling-visit.js';

export function closeByServerCases(rule: Rule): ConformanceCase[] {
  return [
    ...(
      [
        [1000, ''],
        [1011, 'internal error'],
        [4001, 'ünïcode'],
      ] as const
    ).map(([code, reason]) =>
      rule(`a close by the server with ${code} has its code and reason`, async (stage) => {
        const { recorder, connection } = await opened(stage);
        connection.send('last words');
        connection.close(code, reason);
        await recorder.ended();
        checkEqual(recorder.types, ['opened', 'message', 'closed'], 'events');
        checkEqual(recorder.events.at(-1), { type: 'closed', code, reason }, 'closed');
      }),
    ),
    rule('a connection that breaks is closed with 1006', async (stage) => {
      const { recorder, connection } = await opened(stage);
      connection.drop();
      await recorder.ended();
      const last = recorder.events.at(-1);
      checkEqual(last?.type === 'closed' && last.code, 1006, 'code');
    }),
    ...[401, 403, 429, 503].map((status) =>
      rule(`an upgrade refused with ${status} is just closed`, async (stage) => {
        const { recorder, connection } = await connecting(stage);
        connection.refuse(status);
        await recorder.ended();
        checkEqual(recorder.types, ['closed'], 'events');
        const [last] = recorder.events;
        const httpStatus = last?.type === 'closed' ? last.httpStatus : undefined;
        checkEqual(httpStatus, stage.tellsHttpStatus ? status : undefined, 'httpStatus');
      }),
    ),
    rule('an address where nobody answers is just closed', async (stage) => {
      if (!stage.unreachableUrl) return;
      const socket = stage.transport.open({ url: `${stage.unreachableUrl}?api_key=${SECRET}` });
      const recorder = new Recorder(socket.events$, limitOf(stage)).start();
      await recorder.ended();
      checkEqual(recorder.types, ['closed'], 'events');
      checkNoSecret(recorder.events);
    }),
    rule('an address that is none is just closed', async (stage) => {
      if (!stage.unreachableUrl) return;
      const socket = stage.transport.open({ url: `no address?api_key=${SECRET}` });
      const recorder = new Recorder(socket.events$, limitOf(stage)).start();
      await recorder.ended();
      checkEqual(recorder.types, ['closed'], 'events');
      checkNoSecret(recorder.events);
    }),
    rule('the key in the address shows in no event', async (stage) => {
      const refused = await connecting(stage);
      refused.connection.refuse(401);
      await refused.recorder.ended();
      const dropped = await opened(stage);
      dropped.connection.drop();
      await dropped.recorder.ended();
      checkNoSecret([...refused.recorder.events, ...dropped.recorder.events, dropped.socket]);
    }),
  ];
}

export function closeByClientCases(rule: Rule): ConformanceCase[] {
  return [
    rule('close before the subscription: just closed, and nothing is opened', async (stage) => {
      const socket = stage.transport.open({ url: addressOf(stage) });
      const recorder = new Recorder(socket.events$, limitOf(stage));
      recorder.call('close', () => socket.close());
      recorder.start();
      await recorder.ended();
      checkEqual(recorder.types, ['closed'], 'events');
      checkEqual(stage.connectionCount(), 0, 'connections');
    }),
    rule('close before `opened` cancels the opening', async (stage) => {
      const { socket, recorder, connection } = await connecting(stage);
      recorder.call('close', () => socket.close());
      connection.accept();
      await recorder.ended();
      checkEqual(recorder.types, ['closed'], 'events');
    }),
    rule('no message follows a close', async (stage) => {
      const { socket, recorder, connection } = await opened(stage);
      connection.send('one');
      connection.send('two');
      await recorder.until('message', 2);
      recorder.call('close', () => socket.close(1000, 'done'));
      for (let i = 0; i < 10; i += 1) connection.send('late');
      await recorder.ended();
      checkEqual(recorder.types, ['opened', 'message', 'message', 'closed'], 'events');
    }),
    rule('close from inside an event takes effect at once', async (stage) => {
      const { socket, recorder, connection } = await connecting(stage);
      recorder.onEvent = ({ type }) => {
        if (type === 'message') recorder.call('close', () => socket.close());
      };
      connection.accept();
      for (let i = 0; i < 10; i += 1) connection.send(`frame ${i}`);
      await recorder.ended();
      checkEqual(recorder.types, ['opened', 'message', 'closed'], 'events');
    }),
    rule('close is idempotent, and takes any code and reason', async (stage) => {
      for (const [code, reason] of [
        [undefined, undefined],
        [1000, 'done'],
        [4000, 'ž'.repeat(200)],
        [1006, ''],
        [7, ''],
      ] as const) {
        const { socket, recorder } = await opened(stage);
        for (let i = 0; i < 3; i += 1) recorder.call('close', () => socket.close(code, reason));
        await recorder.ended();
        checkEqual(recorder.types, ['opened', 'closed'], 'events');
      }
    }),
    rule('closes of both sides at once give one closed', async (stage) => {
      const { socket, recorder, connection } = await opened(stage);
      connection.close(4002, 'server');
      recorder.call('close', () => socket.close(4003, 'client'));
      await recorder.ended();
      checkEqual(recorder.types, ['opened', 'closed'], 'events');
    }),
    rule('close leads to closed within 3 s, even if the server does not answer', async (stage) => {
      const { socket, recorder, connection } = await opened(stage);
      if (!connection.stall) return closed(socket, recorder);
      connection.stall();
      recorder.call('close', () => socket.close());
      stage.elapse?.(3_000);
      await recorder.ended();
      checkEqual(recorder.types, ['opened', 'closed'], 'events');
    }),
    rule('unsubscribing closes silently', async (stage) => {
      const { recorder, connection } = await opened(stage);
      recorder.unsubscribe();
      await within(connection.closed, limitOf(stage), () => 'the server to see the close');
      recorder.checkRules();
      checkEqual(recorder.types, ['opened'], 'events');
    }),
    rule('unsubscribing before `opened` cancels the opening silently', async (stage) => {
      const { recorder, connection } = await connecting(stage);
      recorder.unsubscribe();
      await within(connection.closed, limitOf(stage), () => 'the server to see the close');
      recorder.checkRules();
      checkEqual(recorder.types, [], 'events');
    }),
    rule('a second subscriber gets a closed, and the first goes on', async (stage) => {
      const { socket, recorder, connection } = await opened(stage);
      const second = new Recorder(socket.events$, limitOf(stage)).start();
      await second.ended();
      checkEqual(second.types, ['closed'], 'events of the second');
      connection.send('still here');
      await recorder.until('message');
      checkEqual(stage.connectionCount(), 1, 'connections');
      await closed(socket, recorder);
    }),
    rule('sockets of one transport do not touch each other', async (stage) => {
      const one = await opened(stage);
      const two = await opened(stage);
      recorderClose(one);
      await one.recorder.ended();
      two.connection.send('still here');
      await two.recorder.until('message');
      two.recorder.call('send', () => two.socket.send('me too'));
      checkEqual(await nextFrame(stage, two.connection), 'me too', 'frame');
      await closed(two.socket, two.recorder);
    }),
  ];
}

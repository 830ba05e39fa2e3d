// For the tests of `npm run test:core`: whoever opens a socket or starts a process fails, and says so.
import child_process from 'node:child_process';
import dgram from 'node:dgram';
import net from 'node:net';
import { afterAll, beforeAll, jest } from '@jest/globals';

const forbid = (what: string) => (): never => {
  throw new Error(`A test of the core ${what}. Such tests belong to the group "node": see jest.config.js.`);
};

let restore: (() => void)[] = [];
beforeAll(() => {
  const spies = [
    jest.spyOn(net.Socket.prototype, 'connect').mockImplementation(forbid('opens a socket')),
    jest.spyOn(net.Server.prototype, 'listen').mockImplementation(forbid('listens')),
    jest.spyOn(dgram, 'createSocket').mockImplementation(forbid('opens a socket')),
    jest
      .spyOn(child_process.ChildProcess.prototype, 'spawn' as never)
      .mockImplementation(forbid('starts a process') as never),
  ];
  restore = spies.map((spy) => () => spy.mockRestore());
});
afterAll(() => {
  for (const undo of restore) undo();
});

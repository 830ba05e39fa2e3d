import { expect, test } from '@jest/globals';
import { decodeCommand, decodeReport, type MediaCommand, type MediaReport } from './media-messages.js';

test.each<MediaCommand>([
  { type: 'start', settings: { host: '127.0.0.1', mode: 'echo', media: 'embedded', seed: 1 } },
  { type: 'room.open', id: 1, room: 'r', identity: 'i', pixelLatency: true, avatar: false },
  { type: 'style.change', room: 'r', style: { prompt: null, image: Uint8Array.of(1) } },
  { type: 'fault', fault: { kind: 'network', upstream: { lossPercent: 2 }, downstream: {} } },
  { type: 'close' },
])('a command passes as it is: $type', (command) => {
  expect(decodeCommand(command)).toEqual(command);
});

test.each<MediaReport>([
  { type: 'ready', url: 'ws://127.0.0.1:1' },
  { type: 'answered', id: 1, answer: { url: 'u', token: 't' } },
  { type: 'failed', message: 'no', field: null },
])('a report passes as it is: $type', (report) => {
  expect(decodeReport(report)).toEqual(report);
});

test.each([
  null,
  'close',
  { type: 'dance' },
  { type: 'room.open', id: '1' },
  { type: 'style.change', room: 'r', style: { image: [1, 2] } },
  { type: 'fault', fault: { kind: 'kick' } },
])('what is no command is refused without being shown: %j', (message) => {
  expect(() => decodeCommand(message)).toThrow("The simulator's media process: malformed command.");
  expect(() => decodeReport(message)).toThrow("The simulator's media process: malformed report.");
});

import { expect, it } from '@jest/globals';
import { DecartError } from '../../../core/errors.js';
import { disconnectFailure, joinFailure } from './room-failure.js';

it('cuts the token and every URL out of what the native library says', () => {
  const error = new Error('error for url (wss://media.example/rtc?access_token=t0ken): 401 Unauthorized - bad t0ken');
  const failure = joinFailure(error, ['t0ken', 'wss://media.example']);
  expect(failure).toEqual({
    code: 'WEBRTC_ICE_ERROR',
    message: 'The media room could not be joined: error for url (<url>): 401 Unauthorized - bad <secret>.',
    permanent: true,
  });
});

it('tells a timeout from other failures', () => {
  expect(joinFailure(new Error('engine: signal failure: transport timed out'), []).code).toBe('WEBRTC_TIMEOUT_ERROR');
  expect(joinFailure(new Error('connection refused'), [])).toMatchObject({ code: 'WEBRTC_ICE_ERROR' });
  expect(joinFailure(new Error('connection refused'), []).permanent).toBeUndefined();
});

it('keeps a failure that was typed already', () => {
  const error = new DecartError({ code: 'INVALID_INPUT', message: 'No.', permanent: true });
  expect(joinFailure(error, [])).toMatchObject({ code: 'INVALID_INPUT', message: 'No.', permanent: true });
});

it.each([
  [3, 'WEBRTC_SERVER_ERROR', 'SERVER_SHUTDOWN'],
  [4, 'WEBRTC_SERVER_ERROR', 'PARTICIPANT_REMOVED'],
  [9, 'WEBRTC_ICE_ERROR', 'SIGNAL_CLOSE'],
  [99, 'WEBRTC_ICE_ERROR', '99'],
])('reads disconnect reason %d as %s', (reason, code, disconnectReason) => {
  expect(disconnectFailure(reason)).toMatchObject({ code, data: { disconnectReason } });
});

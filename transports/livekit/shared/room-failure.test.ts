import { expect, it } from '@jest/globals';
import { DecartError } from '../../../core/errors.js';
import { disconnectFailure, joinFailure } from './room-failure.js';

it('strikes the token, whole and in part, and the queries of URLs out of what the native library says', () => {
  const error = new Error('error for url wss://media.example/rtc?access_token=abc : 401 Unauthorized - bad eyJ0b2tlbi');
  const failure = joinFailure(error, ['eyJ0b2tlbiJ9.e30.c2ln']);
  expect(failure).toEqual({
    code: 'WEBRTC_ICE_ERROR',
    message:
      'The media room could not be joined: error for url wss://media.example/rtc?access_token=*** : 401 Unauthorized - bad ***.',
    permanent: true,
  });
});

it('names the media server, without credentials', () => {
  const failure = joinFailure(
    new Error('connection refused'),
    [],
    'ws://me:pw@127.0.0.1:1/rooms?access_token=abcdefgh',
  );
  expect(failure.message).toBe(
    'The media room could not be joined at ws://***@127.0.0.1:1/rooms?access_token=***: connection refused.',
  );
});

it('distinguishes a timeout from other failures', () => {
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

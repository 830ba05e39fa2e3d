import { describe, expect, test } from '@jest/globals';
import { EMPTY, switchMap } from 'rxjs';
import { createStage, first } from './stage.js';

const stage = createStage();

describe('a viewer', () => {
  test('sees the transformed video of a session, and leaves it as it was', async () => {
    const { realtime } = await stage.connect(stage.client());
    const { subscribeToken } = realtime;
    const viewer = await stage.client().realtime.subscribe({ token: subscribeToken ?? '' });
    const frames$ = viewer.remoteStream$.pipe(switchMap((stream) => stream?.frames$ ?? EMPTY));
    const frame = await first(frames$, () => true);
    expect(frame.data).toHaveLength((frame.width * frame.height * 3) / 2);
    const ended = first(viewer.connectionState$, (state) => state === 'disconnected');
    await viewer.disconnect();
    expect(await ended).toBe('disconnected');
    expect(realtime.isConnected()).toBe(true);
  });

  test('is ended by the release of its client', async () => {
    const { realtime } = await stage.connect(stage.client());
    const watching = stage.client();
    const viewer = await watching.realtime.subscribe({ token: realtime.subscribeToken ?? '' });
    const states: string[] = [];
    viewer.connectionState$.subscribe((state) => states.push(state));
    await watching.release();
    expect(states.at(-1)).toBe('disconnected');
  });

  test.each([
    ['no token at all', '', 'INVALID_INPUT'],
    ['something else than a token', 'not a token', 'INVALID_INPUT'],
    ['a room that does not exist', Buffer.from('{"room_name":"nowhere"}').toString('base64'), 'WEBRTC_SERVER_ERROR'],
  ])('is refused %s', async (_what, token, code) => {
    await expect(stage.client().realtime.subscribe({ token, reconnect: { retries: 0 } })).rejects.toMatchObject({
      code,
    });
  });
});

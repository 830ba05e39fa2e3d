// Sockets whose decoder loads late, or fails to load.
import { map, NEVER, throwError, timer } from 'rxjs';
import { playSession } from '../../../testkit/session-stage.js';
import { DecartError } from '../../errors.js';
import { decodeEvent } from './decode-event.js';

test('a socket opens once its decoder has loaded', () => {
  playSession(
    ({ at, connect, goLive, network, realtime, log }) => {
      at(0, () => connect());
      at(1999, () => expect(network.sockets).toHaveLength(0));
      at(2001, () => {
        expect(network.sockets).toHaveLength(1);
        goLive();
        expect(log).toEqual(['2001 session live']);
        void realtime.disconnect();
      });
    },
    { parts: ({ scheduler }) => ({ decodeEvent: () => timer(2000, scheduler).pipe(map(() => decodeEvent)) }) },
  );
});

test('a disconnect while the decoder loads ends the connect at once, and opens nothing', () => {
  playSession(
    ({ at, connect, network, realtime, log }) => {
      at(0, () => connect());
      at(1, () => void realtime.disconnect());
      at(2, () => {
        expect(log).toEqual(['1 session failed ABORTED']);
        expect(network.sockets).toHaveLength(0);
      });
    },
    { parts: () => ({ decodeEvent: () => NEVER }) },
  );
});

test('a decoder that fails to load fails the connect with LOAD_ERROR, without another try', () => {
  let asked = 0;
  playSession(
    ({ at, connect, network, log }) => {
      at(0, () => connect());
      at(60_000, () => {
        expect(log).toEqual(['0 session failed LOAD_ERROR', '0 error LOAD_ERROR']);
        expect(asked).toBe(1);
        expect(network.sockets).toHaveLength(0);
      });
    },
    {
      parts: () => ({
        decodeEvent: () => {
          asked += 1;
          return throwError(
            () => new DecartError({ code: 'LOAD_ERROR', message: 'The file is gone.', permanent: true }),
          );
        },
      }),
    },
  );
});

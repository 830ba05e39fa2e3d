// Sockets whose decoder loads late, or fails to load.
import { map, NEVER, switchMap, throwError, timer } from 'rxjs';
import type { MarbleHelpers } from '../../../testkit/marbles.js';
import { playSession, roomInfo } from '../../../testkit/session-stage.js';
import { DecartError } from '../../errors.js';
import { sessionSteps } from '../client/inspect.js';
import { decodeEvent } from './decode-event.js';

const late = (dueMs: number) => ({
  parts: ({ scheduler }: MarbleHelpers) => ({
    decodeEvent: () => timer(dueMs, scheduler).pipe(map(() => decodeEvent)),
  }),
});

test('a socket opens while its decoder loads, and what it receives waits for that, in order', () => {
  playSession(({ at, connect, say, sent, network, realtime, watch, log }) => {
    watch('queue', realtime.queuePosition$, (queue) => `${(queue as { position: number } | null)?.position ?? 'left'}`);
    at(0, () => connect());
    at(1, () => {
      network.sockets[0]?.accept();
      // It asks for a room without waiting.
      expect(sent(0)).toHaveLength(1);
      say(0, { type: 'queue_position', position: 2, queue_size: 3 });
      say(0, { type: 'queue_position', position: 1, queue_size: 3 });
      say(0, roomInfo);
    });
    at(1999, () => expect(log).toEqual(['0 queue left']));
    at(2001, () => {
      expect(log).toEqual(['0 queue left', '2000 queue 2', '2000 queue 1', '2000 queue left']);
      network.rooms[0]?.publishRemote();
      network.rooms[0]?.accept();
      expect(log.at(-1)).toBe('2001 session live');
      void realtime.disconnect();
    });
  }, late(2000));
});

test('a close comes after the message before it, which waits for the decoder', () => {
  playSession(({ at, connect, say, network, log }) => {
    at(0, () => connect());
    at(1, () => {
      network.sockets[0]?.accept();
      say(0, { type: 'error', error: 'Invalid API key' });
      network.sockets[0]?.closeByServer(1008, 'refused');
    });
    at(2001, () => expect(log).toEqual(['2000 session failed INVALID_API_KEY', '2000 error INVALID_API_KEY']));
  }, late(2000));
});

test('a disconnect while the decoder loads ends the connect at once, and closes the socket', () => {
  playSession(
    ({ at, connect, say, network, realtime, note, log }) => {
      realtime[sessionSteps].subscribe(({ event: { type } }) => type.startsWith('socket.') && note(type));
      at(0, () => connect());
      at(1, () => {
        network.sockets[0]?.accept();
        say(0, roomInfo);
        say(0, roomInfo);
        void realtime.disconnect();
      });
      at(100, () => {
        // The messages that waited are gone.
        expect(log).toEqual(['1 socket.opened', '1 session failed ABORTED', '1 socket.closed']);
        expect(network.sockets.map(({ state }) => state)).toEqual(['closed']);
        expect(network.rooms).toHaveLength(0);
      });
    },
    { parts: () => ({ decodeEvent: () => NEVER }) },
  );
});

test('a decoder that fails to load after the socket has opened fails the connect, and closes the socket', () => {
  const gone = () => new DecartError({ code: 'LOAD_ERROR', message: 'The file is gone.', permanent: true });
  playSession(
    ({ at, connect, network, log }) => {
      at(0, () => connect());
      at(1, () => network.sockets[0]?.accept());
      at(60_000, () => {
        expect(log).toEqual(['2000 session failed LOAD_ERROR', '2000 error LOAD_ERROR']);
        expect(network.sockets.map(({ state }) => state)).toEqual(['closed']);
      });
    },
    {
      parts: ({ scheduler }) => ({ decodeEvent: () => timer(2000, scheduler).pipe(switchMap(() => throwError(gone))) }),
    },
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
        expect(network.sockets.map(({ state }) => state)).toEqual(['closed']);
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

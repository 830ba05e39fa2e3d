// Sessions for options that change: the latest ones win.
import { of, Subject } from 'rxjs';
import { playSession } from '../../../testkit/session-stage.js';
import { showFrame } from '../../../testkit/switch-stage.js';
import type { ConnectOptions } from './options.js';
import { seamlessSwitch } from './seamless-switch.js';

describe('seamlessSwitch()', () => {
  it('shows a session for the latest options; unsubscribing ends it', () => {
    playSession((stage) => {
      const { at, goLive, log, network, realtime, watch } = stage;
      const optionsSubject = new Subject<ConnectOptions>();
      const watching = watch('session', optionsSubject.pipe(seamlessSwitch(realtime)), () => 'live');
      at(0, () => optionsSubject.next({ model: 'lucy-2.1', publishCamera: false }));
      at(1, () => goLive());
      at(2, () => optionsSubject.next({ model: 'lucy-2.5', publishCamera: false }));
      at(3, () => network.sockets[1]?.accept());
      // Overtaken before it is up.
      at(4, () => optionsSubject.next({ model: 'lucy-restyle-2', publishCamera: false }));
      at(5, () => goLive());
      at(6, () => showFrame(stage));
      // A switch that fails leaves the session.
      at(7, () => optionsSubject.next({ model: 'no such model' }));
      at(8, () => {
        expect(log).toEqual(['1 session live', '6 session live']);
        expect(network.open.sockets).toBe(1);
        expect(network.sockets.at(-1)?.url).toContain('lucy-restyle-2');
        watching.unsubscribe();
      });
      at(9, () => expect(network.open.sockets).toBe(0));
    });
  });

  it('errors when its only session ends, also with a later failed switch behind it', () => {
    playSession((stage) => {
      const { at, goLive, log, realtime, say, watch } = stage;
      const optionsSubject = new Subject<ConnectOptions>();
      at(0, () => watch('session', optionsSubject.pipe(seamlessSwitch(realtime)), () => 'live'));
      at(1, () => optionsSubject.next({ model: 'lucy-2.1', publishCamera: false }));
      at(2, () => goLive());
      at(3, () => optionsSubject.next({ model: 'no such model' }));
      at(4, () => say(0, { type: 'generation_ended', seconds: 1, reason: 'timeout' }));
      at(5, () => {
        expect(log).toContain('4 session failed SESSION_TIME_LIMIT');
        expect(optionsSubject.observed).toBe(false);
      });
    });
  });

  it('errors when a switch fails whose session before it has ended', () => {
    playSession((stage) => {
      const { at, goLive, log, network, realtime, watch } = stage;
      const optionsSubject = new Subject<ConnectOptions>();
      at(0, () => watch('session', optionsSubject.pipe(seamlessSwitch(realtime)), () => 'live'));
      at(1, () => optionsSubject.next({ model: 'lucy-2.1', publishCamera: false }));
      at(2, () => goLive());
      at(3, () => void realtime.disconnect());
      at(4, () => optionsSubject.next({ model: 'lucy-2.5', publishCamera: false }));
      at(5, () => network.sockets[1]?.refuse(401));
      at(6, () => expect(log).toContain('5 session failed INVALID_API_KEY'));
    });
  });

  it('waits for the switch that is on its way when the session before it ends', () => {
    playSession((stage) => {
      const { at, goLive, log, network, realtime, say, watch } = stage;
      const optionsSubject = new Subject<ConnectOptions>();
      const watching = watch('session', optionsSubject.pipe(seamlessSwitch(realtime)), () => 'live');
      at(1, () => optionsSubject.next({ model: 'lucy-2.1', publishCamera: false }));
      at(2, () => goLive());
      at(3, () => optionsSubject.next({ model: 'lucy-2.5', publishCamera: false }));
      at(4, () => say(0, { type: 'generation_ended', seconds: 1, reason: 'timeout' }));
      at(5, () => goLive());
      at(6, () => showFrame(stage));
      at(7, () => {
        expect(log.filter((line) => line.includes('session'))).toEqual(['2 session live', '6 session live']);
        expect(network.open.sockets).toBe(1);
        watching.unsubscribe();
      });
    });
  });

  it('errors when there is no session to fall back on', () => {
    playSession(({ at, realtime, watch, log }) => {
      at(0, () => watch('session', of({ model: 'no such model' }).pipe(seamlessSwitch(realtime))));
      at(1, () => expect(log).toEqual(['0 session failed MODEL_NOT_FOUND']));
    });
  });
});

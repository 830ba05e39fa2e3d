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

  it('errors when there is no session to fall back on', () => {
    playSession(({ at, realtime, watch, log }) => {
      at(0, () => watch('session', of({ model: 'no such model' }).pipe(seamlessSwitch(realtime))));
      at(1, () => expect(log).toEqual(['0 session failed MODEL_NOT_FOUND']));
    });
  });
});

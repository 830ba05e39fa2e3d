import { VirtualTimeScheduler } from 'rxjs';
import { createMemoryPlatform } from '../../../testkit/memory-platform.js';
import { playSession, roomInfo, type SessionStage } from '../../../testkit/session-stage.js';
import { createMemoryNetwork } from '../../../transports/memory/index.js';
import { createDecartClient } from '../../client.js';

/** Lets pending promises settle: keys come by promises, which virtual time does not move. */
const settled = async (): Promise<void> => {
  for (let n = 0; n < 10; n += 1) await Promise.resolve();
};

describe('a refused key surfaces as INVALID_API_KEY, at once and for good', () => {
  it.each<[string, (stage: SessionStage) => void]>([
    ['as an error message', ({ say }) => say(0, { type: 'error', error: 'Invalid API key' })],
    ['as an error message with 401', ({ say }) => say(0, { type: 'error', error: 'HTTP 401' })],
    ['as a close code', ({ network }) => network.sockets[0]?.closeByServer(3000)],
    ['as a customary close code', ({ network }) => network.sockets[0]?.closeByServer(4401)],
    ['as a close reason', ({ network }) => network.sockets[0]?.closeByServer(1008, 'invalid api key')],
  ])('%s', (_name, refuse) => {
    playSession((stage) => {
      const { at, connect, network, log } = stage;
      at(0, () => connect());
      at(1, () => network.sockets[0]?.accept());
      at(2, () => refuse(stage));
      at(3, () => {
        expect(log).toEqual(['2 session failed INVALID_API_KEY', '2 error INVALID_API_KEY']);
        expect(network.sockets).toHaveLength(1);
      });
    });
  });

  it.each([
    [401, 'INVALID_API_KEY'],
    // The key is known, and may not do this.
    [403, 'WEBRTC_SERVER_ERROR'],
  ])('as HTTP %d on the upgrade: %s', (status, code) => {
    playSession(({ at, connect, network, log }) => {
      at(0, () => connect());
      at(1, () => network.sockets[0]?.refuse(status));
      at(2, () => expect(log).toEqual([`1 session failed ${code}`, `1 error ${code}`]));
    });
  });

  it('but a number that only holds 401 is neither a key nor the end', () => {
    playSession(({ at, connect, network, log, goLive, realtime }) => {
      at(0, () => connect());
      at(1, () => network.sockets[0]?.accept());
      at(2, () => network.sockets[0]?.closeByServer(1011, 'worker pid 24011 restarted'));
      at(1003, () => goLive());
      at(1004, () => expect(log).toEqual(['1003 session live']));
      at(1005, () => void realtime.disconnect());
    });
  });

  it('an echoed key is struck out', () => {
    const messages: string[] = [];
    playSession(({ at, connect, network, say, realtime, goLive }) => {
      realtime.errors$.subscribe(({ message }) => messages.push(message));
      realtime.state$.subscribe((state) => messages.push(JSON.stringify(state)));
      at(0, () => connect());
      at(1, () => network.sockets[0]?.accept());
      at(2, () => say(0, { ...roomInfo, session_id: 'of secret-key' } as typeof roomInfo));
      at(3, () => network.rooms[0]?.accept());
      at(4, () => say(0, { type: 'error', error: 'no credit left for secret-key' }));
      at(5, () => network.sockets[0]?.closeByServer(1008, 'Unauthorized: secret-key'));
      at(6, () => goLive());
    });
    expect(messages.filter((message) => message.includes('no credit left for ***'))).toHaveLength(1);
    expect(messages.join()).not.toContain('secret-key');
  });
});

describe('a key that is asked for', () => {
  /** A client whose time stands still: keys come by promises, and nothing else has to happen here. */
  function clientWith(apiKey: () => string | Promise<string>) {
    const scheduler = new VirtualTimeScheduler();
    const network = createMemoryNetwork({ scheduler });
    const { realtime } = createDecartClient({ apiKey, scheduler }, createMemoryPlatform({ network }));
    return { scheduler, network, realtime };
  }

  it('is asked for again before every try', async () => {
    let n = 0;
    const { realtime, network } = clientWith(() => `key-${++n}`);
    const session = realtime.session$({ model: 'lucy-2.1' }).subscribe();
    await settled();
    network.sockets[0]?.accept();
    network.sockets[0]?.deliver(JSON.stringify(roomInfo));
    network.rooms[0]?.accept();
    network.sockets[0]?.closeByServer(1006);
    await settled();
    expect(network.sockets.map(({ url }) => /api_key=([^&]+)/.exec(url)?.[1])).toEqual(['key-1', 'key-2']);
    session.unsubscribe();
  });

  const throws = () => {
    throw new Error('vault closed');
  };

  it.each<[string, () => string | Promise<string>, number]>([
    ['throws', throws, 2],
    ['rejects', () => Promise.reject(new Error('vault closed')), 2],
    ['is blank', () => '  ', 0],
    ['is no text', () => 5 as unknown as string, 0],
  ])('that %s fails the try', async (_name, apiKey, retries) => {
    const { realtime, network, scheduler } = clientWith(apiKey);
    const failures: { code: string; permanent: boolean; cause?: unknown }[] = [];
    const reconnects: unknown[] = [];
    realtime.diagnostics$.subscribe((event) => event.name === 'reconnect' && reconnects.push(event));
    realtime
      .session$({ model: 'lucy-2.1', reconnect: { retries: 2, initialDelayMs: 0 } })
      .subscribe({ error: (error) => failures.push(error) });
    for (let n = 0; n < 4; n += 1) await settled();
    expect(failures).toMatchObject([{ code: 'INVALID_API_KEY', permanent: retries === 0 }]);
    expect(reconnects).toHaveLength(retries);
    if (retries > 0) expect(failures[0]?.cause).toMatchObject({ message: 'vault closed' });
    expect(network.sockets).toHaveLength(0);
    scheduler.flush();
  });

  it('that comes too late opens nothing', async () => {
    let give: (key: string) => void = () => undefined;
    const { realtime, network } = clientWith(
      () =>
        new Promise((resolve) => {
          give = resolve;
        }),
    );
    const session = realtime.session$({ model: 'lucy-2.1' }).subscribe();
    await settled();
    session.unsubscribe();
    give('late');
    await settled();
    expect(network.sockets).toHaveLength(0);
    await realtime.disconnect();
  });

  it('is replaced when it was kept and the service refuses it', () => {
    let n = 0;
    const forgotten: string[] = [];
    const forget = (key: string): boolean => {
      forgotten.push(key);
      return key === 'key-1';
    };
    const apiKey = Object.assign(() => `key-${++n}`, { forget });
    playSession(
      ({ at, connect, network, log }) => {
        at(0, () => connect({ reconnect: { retries: 5, initialDelayMs: 10 } }));
        at(1, () => network.sockets[0]?.refuse(401));
        at(12, () => network.sockets[1]?.refuse(401));
        at(100, () => {
          expect(forgotten).toEqual(['key-1', 'key-2']);
          expect(network.sockets.map(({ url }) => /api_key=([^&]+)/.exec(url)?.[1])).toEqual(['key-1', 'key-2']);
          expect(log).toEqual(['12 session failed INVALID_API_KEY', '12 error INVALID_API_KEY']);
        });
      },
      { config: { apiKey } },
    );
  });
});

describe('a key that cannot be one', () => {
  it.each(['two words', 'clé', 'tab\tkey', '  ', 'über'])(
    'is refused for signaling and REST alike: %j',
    async (apiKey) => {
      const platform = createMemoryPlatform({ network: createMemoryNetwork() });
      const refusal = {
        code: 'INVALID_API_KEY',
        permanent: true,
        message: expect.not.stringContaining(apiKey.trim() || 'x'),
      };
      expect(() => createDecartClient({ apiKey }, platform)).toThrow(expect.objectContaining(refusal));
      const client = createDecartClient({ apiKey: () => apiKey }, platform);
      await expect(client.queue.status('j1')).rejects.toMatchObject(refusal);
      await expect(client.realtime.connect({ model: 'lucy-2.1' })).rejects.toMatchObject(refusal);
      await client.release();
    },
  );
});

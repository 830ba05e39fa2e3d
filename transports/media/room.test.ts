// What the media transports have in common: one connection, which ends in `closed`, however it went.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import type { RoomEvent, RoomStats } from '../../core/ports/media.js';
import type { RemoteStream } from '../../core/ports/streams.js';
import { createRoom } from './room.js';
import { RoomConnection } from './room-connection.js';

type Event = RoomEvent<RemoteStream>;

interface Script {
  readonly join?: (connection: ScriptedConnection) => Promise<void>;
  readonly leave?: () => Promise<void>;
}

/** A connection that goes as the test says. */
class ScriptedConnection extends RoomConnection<RemoteStream> {
  constructor(
    private readonly script: Script,
    emit: (event: Event) => void,
  ) {
    super(emit);
  }
  async replaceVideoTrack(): Promise<void> {
    await this.until(new Promise(() => undefined));
  }
  readStats(): Promise<RoomStats> {
    throw new Error('stats are broken');
  }
  resume(): void {}
  wait<T>(work: Promise<T>): Promise<T> {
    return this.until(work);
  }
  override joined(): void {
    super.joined();
  }
  override published(): void {
    super.published();
  }
  override report(event: Event): void {
    super.report(event);
  }
  protected join(): Promise<void> {
    return this.script.join?.(this) ?? this.#enterAtOnce();
  }
  protected leave(): Promise<void> {
    return this.script.leave?.() ?? Promise.resolve();
  }
  async #enterAtOnce(): Promise<void> {
    this.joined();
    this.published();
  }
}

/** A room whose connection goes as the test says, entered; its events in short. */
function enter(script: Script) {
  const seen: string[] = [];
  let connection: ScriptedConnection | null = null;
  const room = createRoom<RemoteStream>((emit) => {
    connection = new ScriptedConnection(script, emit);
    return connection;
  });
  const over = new Promise<void>((resolve) => {
    room.events$.subscribe({
      next: (event) => seen.push(event.type === 'lost' ? `lost: ${event.failure.message}` : event.type),
      complete: () => {
        seen.push('done');
        resolve();
      },
    });
  });
  return { room, seen, over, end: (message: string) => connection?.end({ code: 'WEBRTC_ICE_ERROR', message }) };
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

const broken = (): never => {
  throw new Error('broken');
};

describe('a connection to a room', () => {
  test.each([
    ['at once', broken],
    ['later', async () => broken()],
  ])('that cannot be joined because the library throws %s is lost', async (_when, join) => {
    const { seen, over } = enter({ join });
    await over;
    expect(seen).toEqual(['lost: The media library failed.', 'closed', 'done']);
  });

  test.each([
    ['at once', broken],
    ['later', async () => broken()],
  ])('ends in `closed`, although leaving throws %s', async (_when, leave) => {
    const { room, seen, over } = enter({ leave });
    room.close();
    await over;
    expect(seen.slice(-2)).toEqual(['closed', 'done']);
  });

  test('that is lost twice and closed meanwhile is closed once', async () => {
    const { room, seen, over, end } = enter({});
    await Promise.resolve();
    end('first');
    end('second');
    await Promise.resolve();
    await Promise.resolve();
    room.close();
    room.close();
    await over;
    expect(seen).toEqual(['joined', 'published', 'lost: first', 'closed', 'done']);
  });

  test('emits nothing after its end', async () => {
    let go: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    const { seen, over, end } = enter({
      join: async (connection) => {
        await held;
        connection.joined();
        connection.published();
        connection.report({ type: 'firstFrame' });
      },
    });
    go();
    end('just before');
    await over;
    await held;
    expect(seen).toEqual(['lost: just before', 'closed', 'done']);
  });

  test('emits early events after `published`', async () => {
    const { room, seen, over } = enter({
      join: async (connection) => {
        connection.report({ type: 'reconnecting' });
        connection.joined();
        connection.published();
      },
    });
    await Promise.resolve();
    room.close();
    await over;
    expect(seen).toEqual(['joined', 'published', 'reconnecting', 'closed', 'done']);
  });

  test('keeps nothing of what it has waited for', async () => {
    let left: () => void = () => undefined;
    const waited = new Promise<WeakRef<object>>((resolve, reject) => {
      const join = async (connection: ScriptedConnection): Promise<void> =>
        connection.wait(Promise.resolve({})).then((result) => resolve(new WeakRef(result)), reject);
      const { room } = enter({ join });
      left = () => room.close();
    });
    const result = await waited;
    // A reference is strong until the turn that made it is over.
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    expect(result.deref()).toBeUndefined();
    left();
  });

  test('that is over fails what still waits for it', async () => {
    const { room } = enter({});
    const replacing = new Promise((_, reject) => room.replaceVideoTrack(null).subscribe({ error: reject }));
    const reading = new Promise((_, reject) => room.readStats().subscribe({ error: reject }));
    room.close();
    await expect(replacing).rejects.toMatchObject({
      message: 'The media room is not joined. Call this while the session is connected.',
    });
    await expect(reading).rejects.toMatchObject({ message: 'The media statistics could not be read.' });
  });
});

// The service of the site's live page: the simulator's state machine behind sockets and rooms in memory.
import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { createMemoryNetwork, type MemoryRoom } from '../../../transports/memory/index.js';
import { decodeFault } from '../../service/fault.js';
import { type NetworkShape, networkPresets } from '../../service/network.js';
import { createFaultDeck } from '../../simulator/signaling/fault-deck.js';
import { Look } from './picture.js';
import { hostInPage, type PageSession } from './signaling.js';

const REJOIN_MS = 800;

/** The service, and the ports by which a client reaches it. */
export function createPageService(scheduler: SchedulerLike = asyncScheduler) {
  const deck = createFaultDeck();
  const sessions = new Set<PageSession>();
  const rooms = new Map<string, MemoryRoom>();
  const looks = new Map<string, Look>();
  let shape: NetworkShape = networkPresets.clean;
  let count = 0;

  const lookOf = (roomName: string): Look => {
    const look = looks.get(roomName) ?? new Look();
    looks.set(roomName, look);
    return look;
  };
  const network = createMemoryNetwork({
    scheduler,
    onSocket: (socket) => {
      const refusal = deck.nextUpgrade();
      if (refusal !== null) return socket.refuse(refusal.status);
      count += 1;
      const media = {
        changeStyle: (name: string, change: Parameters<Look['change']>[0]) => lookOf(name).change(change),
      };
      const session: PageSession = hostInPage(
        socket,
        count,
        deck,
        media,
        () => {
          sessions.delete(session);
          looks.delete(session.roomName);
          rooms.delete(session.roomName);
        },
        scheduler,
      );
      sessions.add(session);
    },
    onRoom: (room) => {
      const roomName = room.request.token ?? '';
      rooms.set(roomName, room);
      room.accept();
      room.publishRemote();
      for (const session of sessions) if (session.roomName === roomName) session.dispatch({ type: 'media.started' });
    },
  });

  /** Those of this moment: what is dropped comes back at once. */
  const present = (): readonly PageSession[] => [...sessions];
  const inRooms = (act: (room: MemoryRoom) => void): void => {
    for (const room of [...rooms.values()]) act(room);
  };
  const changeLooks = (change: Partial<Pick<Look, 'isStalled' | 'lagMs'>>): void => {
    for (const look of looks.values()) Object.assign(look, change);
  };
  const interrupt = (room: MemoryRoom, rejoins: boolean): void => {
    room.reconnecting();
    scheduler.schedule(() => {
      if (room.state !== 'published') return;
      room.reconnected();
      if (!rejoins) return;
      room.unpublishRemote();
      room.publishRemote();
    }, REJOIN_MS);
  };

  function order(given: { readonly kind: string }): void {
    const fault = decodeFault(given);
    switch (fault.kind) {
      case 'drop-socket':
        for (const session of present()) session.drop(fault.code, fault.reason);
        return;
      case 'send-text':
        for (const session of present()) session.sendRaw(fault.text);
        return;
      case 'server-error':
        for (const session of present()) session.sendRaw(JSON.stringify({ type: 'error', error: fault.text }));
        return;
      case 'end-generation':
        for (const session of present()) {
          session.dispatch({ type: 'generation.stopped', reason: fault.reason, closeAfterMs: fault.closeAfterMs ?? 0 });
        }
        return;
      case 'ack':
        return deck.plan({ on: 'ack', value: fault.mode, times: fault.times });
      case 'refuse-joins':
        return deck.plan({
          on: 'join',
          value: { kind: 'refused', error: fault.error, closeCode: fault.closeCode ?? 1008 },
          times: fault.times,
        });
      case 'kick-from-room':
        return inRooms((room) =>
          room.lose({ code: 'WEBRTC_ICE_ERROR', message: 'The client was removed from its room.' }),
        );
      case 'cut-media-signalling':
        return inRooms((room) => interrupt(room, false));
      case 'force-full-reconnect':
        return inRooms((room) => interrupt(room, true));
      case 'stall-inference':
        return changeLooks({ isStalled: fault.stalled });
      case 'inference-lag':
        return changeLooks({ lagMs: fault.lagMs });
      case 'network-preset':
        shape = networkPresets[fault.name];
        return;
      case 'clear':
        deck.clear();
        shape = networkPresets.clean;
        return changeLooks({ isStalled: false, lagMs: 0 });
      default:
        throw new Error('This fault needs the simulator: npm run demo:web.');
    }
  }
  return { network, lookOf, shape: () => shape, order };
}

import type { MemoryNetwork } from '../../transports/memory/index.js';
import type { ModelBilling } from './billing.js';
import type { ModelObserver } from './observer.js';
import type { Chance, faults } from './schedule.js';
import type { ModelService } from './service.js';

export interface FaultDeps {
  readonly network: MemoryNetwork;
  readonly service: ModelService;
  readonly observer: ModelObserver;
  readonly billing: ModelBilling;
  readonly chance: Chance;
}

/** Something goes wrong, or just happens, on the newest connection. */
export function strike(
  fault: (typeof faults)[number],
  { network, service, observer, billing, chance }: FaultDeps,
): void {
  const socket = network.sockets.at(-1);
  const room = network.rooms.at(-1);
  if (socket === undefined) return;
  switch (fault) {
    case 'socketLost':
      return socket.closeByServer(1006);
    case 'socketRefused':
      return socket.state === 'connecting' ? socket.refuse(503) : undefined;
    case 'roomLost':
      if (room?.state !== 'joined' && room?.state !== 'published') return;
      observer.lostRoom = room;
      return room.lose({ code: 'WEBRTC_ICE_ERROR', message: 'The media connection failed.' });
    case 'roomClosed':
      return room?.client.leave();
    case 'serverError':
      return service.fail(socket, 'Something is wrong.');
    case 'imageError':
      return service.fail(socket, 'The image was rejected.');
    case 'silence':
      return service.silence(socket);
    case 'invalidSession':
      return socket.closeByServer(1008, 'invalid session');
    case 'garbage':
      return socket.state === 'open'
        ? socket.deliver(chance.pick(['{"type":"error"}', '{', '{"type":"x"}']))
        : undefined;
    case 'strayAck':
      return void service.say(socket, { type: 'prompt_ack', prompt: 'never sent', success: true, error: null });
    case 'queued':
      return service.queue(socket);
    case 'roomInfoAgain':
      return service.sendAway(socket);
    case 'serverOffer':
      return service.offer(socket);
    case 'mediaReconnecting':
      if (room?.state !== 'published') return;
      room.reconnecting();
      return room.reconnected();
    case 'generating':
      return void service.say(
        socket,
        chance.is(0.5) ? { type: 'generation_started' } : { type: 'generation_tick', seconds: 1 },
      );
    case 'accountFull':
      if (socket.state !== 'open') return;
      service.say(socket, { type: 'error', error: 'Concurrent session limit reached.' });
      return socket.closeByServer(1013);
    case 'billed':
      return billing.bill(socket);
    case 'ended':
      return billing.end(socket);
    case 'tracksChanged':
      return void (chance.is(0.5) ? room?.publishRemote() : room?.unpublishRemote());
  }
}

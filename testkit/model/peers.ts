// Direct WebRTC: the two peer connections of a run, and whether each signal of the one reaches the other, in order.
import type { SchedulerLike } from 'rxjs';
import type { PeerSignal } from '../../core/ports/media.js';
import type { ServerMessage } from '../../core/protocol/server-messages.js';
import type { MemoryRoom, MemorySocket } from '../../transports/memory/index.js';
import type { Chance } from './schedule.js';

/** A client's message that signals. */
export type SignalMessage = Extract<ServerMessage, { type: 'offer' | 'answer' | 'ice-candidate' }>;

export const isSignal = (message: { readonly type: string }): message is SignalMessage =>
  message.type === 'offer' || message.type === 'answer' || message.type === 'ice-candidate';

export interface PeersDeps {
  readonly chance: Chance;
  readonly scheduler: SchedulerLike;
  /** How long the next thing takes, as a rule. */
  usual(): number;
  /** `false`: nobody hears it. */
  say(socket: MemorySocket, message: ServerMessage): boolean;
  guarded<A extends unknown[]>(job: (...args: A) => void): (...args: A) => void;
  /** The client's first offer on a socket. */
  offered(socket: MemorySocket): void;
  /** Both have described themselves: the connection comes up, or does not. */
  described(room: MemoryRoom): void;
}

/** The peer connections of all sockets. */
export interface ModelPeers {
  /** The client has made one for its newest socket. */
  open(room: MemoryRoom, socket: MemorySocket): void;
  /** The client signals on a socket. */
  take(socket: MemorySocket, message: SignalMessage): void;
  /** The service answers the client's offer: with an answer, or with an offer of its own; candidates around it. */
  answer(socket: MemorySocket): void;
  /** The service makes an offer, at any time. */
  offer(socket: MemorySocket): void;
  hasOffer(socket: MemorySocket): boolean;
  /** Throws when a signal between two that are open has not arrived. */
  check(socket: MemorySocket): void;
}

/** What was signalled, in order, each way. */
interface Link {
  readonly room: MemoryRoom;
  readonly fromClient: PeerSignal[];
  readonly fromService: PeerSignal[];
  readonly arrived: PeerSignal[];
  hasOffer: boolean;
  isDescribed: boolean;
}

const isGone = ({ state }: MemoryRoom): boolean => state === 'closing' || state === 'closed';

export function createModelPeers(deps: PeersDeps): ModelPeers {
  const { chance, scheduler, usual, say, guarded, offered, described } = deps;
  const links = new Map<MemorySocket, Link>();
  let candidates = 0;

  const later = (job: () => void): void => void scheduler.schedule(guarded(job), usual());
  const nextCandidate = (): PeerSignal => {
    candidates += 1;
    return { type: 'candidate', candidate: chance.is(0.2) ? null : { candidate: `way ${candidates}`, sdpMid: '0' } };
  };

  function signal(socket: MemorySocket, link: Link, from: PeerSignal): void {
    if (isGone(link.room) || socket.state !== 'open') return;
    link.fromClient.push(from);
    link.room.signal(from);
  }

  function send(socket: MemorySocket, from: PeerSignal): void {
    const link = links.get(socket);
    const isHeard = link !== undefined && !isGone(link.room);
    const sent = link?.fromService.length ?? 0;
    // It arrives while it is being said.
    if (isHeard) link.fromService.push(from);
    const message: ServerMessage =
      from.type === 'candidate' ? { type: 'ice-candidate', candidate: from.candidate } : from;
    if (!say(socket, message) && isHeard) link.fromService.length = sent;
  }

  function sendCandidates(socket: MemorySocket): void {
    for (let left = chance.below(3); left > 0; left -= 1) send(socket, nextCandidate());
  }

  function describe(link: Link): void {
    if (link.isDescribed) return;
    link.isDescribed = true;
    described(link.room);
  }

  return {
    open(room, socket) {
      const link: Link = {
        room,
        fromClient: [],
        fromService: [],
        arrived: [],
        hasOffer: false,
        isDescribed: false,
      };
      links.set(socket, link);
      room.signals$.subscribe(
        guarded((from) => {
          const expected = link.fromService[room.signals.length - 1];
          if (JSON.stringify(from) !== JSON.stringify(expected))
            throw new Error(`The peer connection takes ${JSON.stringify(from)}, not ${JSON.stringify(expected)}.`);
          if (from.type === 'answer') describe(link);
          if (from.type !== 'offer') return;
          later(() => {
            signal(socket, link, { type: 'answer', sdp: 'client' });
            describe(link);
          });
        }),
      );
      later(() => {
        signal(socket, link, { type: 'offer', sdp: 'client' });
        for (let left = chance.below(4); left > 0; left -= 1) later(() => signal(socket, link, nextCandidate()));
      });
    },
    take(socket, message) {
      const from: PeerSignal =
        message.type === 'ice-candidate' ? { type: 'candidate', candidate: message.candidate } : message;
      const link = links.get(socket);
      const expected = link?.fromClient[link.arrived.length];
      if (JSON.stringify({ ...from }) !== JSON.stringify(expected))
        throw new Error(`The service is sent ${JSON.stringify(from)}, not ${JSON.stringify(expected)}.`);
      link?.arrived.push(from);
      if (link === undefined || link.hasOffer || from.type !== 'offer') return;
      link.hasOffer = true;
      offered(socket);
    },
    answer(socket) {
      if (chance.is(0.5)) sendCandidates(socket);
      send(socket, { type: chance.is(0.15) ? 'offer' : 'answer', sdp: 'service' });
      sendCandidates(socket);
    },
    offer: (socket) => send(socket, { type: 'offer', sdp: 'service' }),
    hasOffer: (socket) => links.get(socket)?.hasOffer === true,
    check(socket) {
      const link = links.get(socket);
      if (link === undefined || isGone(link.room) || socket.state !== 'open') return;
      const { room, fromClient, fromService, arrived } = link;
      if (arrived.length < fromClient.length)
        throw new Error(`The service was not sent ${JSON.stringify(fromClient[arrived.length])}.`);
      if (room.signals.length < fromService.length)
        throw new Error(`The peer connection was not given ${JSON.stringify(fromService[room.signals.length])}.`);
    },
  };
}

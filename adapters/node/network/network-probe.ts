import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { Observable } from 'rxjs';
import type { GatheredCandidate, NetworkProbe } from '../../../core/ports/network.js';
import { parseStunUrl, readBindingAnswer, writeBindingRequest } from './stun.js';

/** When a request is sent, in milliseconds from the first: as RFC 8489 section 6.2.1 has it, with fewer repetitions. */
const sendAtMs = [0, 500, 1500, 3500];
/** When the answer to the last of them is not waited for any more. */
const giveUpAtMs = 8000;

/**
 * What can be checked without a peer connection: whether STUN servers answer over UDP, and how soon. That is how a
 * peer connection finds its server-reflexive candidates.
 */
export const nodeNetworkProbe: NetworkProbe = {
  unchecked: ['Only STUN over UDP was checked, no relay and no connection of peers: Node has no peer connection.'],
  gather: (stunUrls) =>
    new Observable((subscriber) => {
      const found = (candidate: GatheredCandidate): void => subscriber.next(candidate);
      if (hasNetwork()) found({ candidateType: 'host', elapsedMs: 0 });
      let pending = stunUrls.length;
      for (const url of stunUrls) {
        subscriber.add(
          askServer(url).subscribe({
            next: (elapsedMs) => found({ candidateType: 'srflx', elapsedMs }),
            complete: () => {
              pending -= 1;
              if (pending === 0) subscriber.complete();
            },
          }),
        );
      }
      if (pending === 0) subscriber.complete();
    }),
};

function hasNetwork(): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ internal }) => !internal));
}

/** The time to the answer, once it comes; completes without one when the server cannot be found or does not answer. */
function askServer(url: string): Observable<number> {
  return new Observable((subscriber) => {
    const server = parseStunUrl(url);
    if (server === null) return subscriber.complete();
    lookup(server.host).then(
      ({ address, family }) => {
        if (!subscriber.closed) subscriber.add(exchange(address, server.port, family).subscribe(subscriber));
      },
      // A name that cannot be resolved is a server that is not reached.
      () => subscriber.complete(),
    );
    return undefined;
  });
}

function exchange(address: string, port: number, family: number): Observable<number> {
  return new Observable((subscriber) => {
    const transactionId = randomBytes(12);
    const request = writeBindingRequest(transactionId);
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    const startMs = performance.now();
    socket.on('message', (datagram) => {
      if (readBindingAnswer(datagram, transactionId) === null) return;
      subscriber.next(performance.now() - startMs);
      subscriber.complete();
    });
    // No route, a port that refuses: no answer will come this way.
    socket.on('error', () => subscriber.complete());
    const timers = sendAtMs.map((atMs) =>
      setTimeout(
        () =>
          socket.send(request, port, address, (error) => {
            if (error) subscriber.complete();
          }),
        atMs,
      ),
    );
    timers.push(setTimeout(() => subscriber.complete(), giveUpAtMs));
    return () => {
      for (const timer of timers) clearTimeout(timer);
      socket.close();
    };
  });
}

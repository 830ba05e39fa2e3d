import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { NetworkConditions } from '../service/media-fault.js';
import { ConditionedLink } from './sfu/faults/conditioned-link.js';
import { clearLink } from './sfu/faults/link-conditions.js';
import { seededRandom } from './sfu/faults/random.js';
import { bindingTransaction, writeMapping } from './sfu/ice/stun.js';

/** A STUN server (RFC 8489) that answers binding requests, over a network with the same faults as the media's. */
export interface StunResponder {
  /** `stun:host:port` */
  readonly url: string;
  apply(upstream: NetworkConditions, downstream: NetworkConditions): void;
  close(): Promise<void>;
}

/**
 * Clients see an address reserved for documentation (RFC 5737, RFC 3849), as if there were
 * a router between: a peer connection does not report an address as reflexive that it has itself.
 */
const publicAddress = (isV6: boolean): string => (isV6 ? '2001:db8::1' : '192.0.2.1');

/** Rejects when the address is not one of this machine. */
export async function startStunResponder(host: string): Promise<StunResponder> {
  const isV6 = isIPv6(host);
  const socket = createSocket(isV6 ? 'udp6' : 'udp4');
  const random = seededRandom(1);
  const up = new ConditionedLink(random);
  const down = new ConditionedLink(random);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address: host, port: 0 }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  // A client that has gone answers with ICMP; on loopback that surfaces here and means nothing.
  socket.on('error', () => {});
  let isClosed = false;

  socket.on('message', (datagram, from) => {
    const transactionId = bindingTransaction(datagram);
    if (transactionId === undefined) return;
    const answer = writeMapping(transactionId, { address: publicAddress(isV6), port: from.port });
    const send = () => {
      if (!isClosed) socket.send(answer, from.port, from.address);
    };
    up.pass(datagram.length, () => down.pass(answer.length, send));
  });

  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return {
    url: `stun:${isV6 ? `[${reachable}]` : reachable}:${socket.address().port}`,
    apply(upstream, downstream) {
      up.apply({ ...clearLink, ...upstream });
      down.apply({ ...clearLink, ...downstream });
    },
    close: () =>
      new Promise((resolve) => {
        if (isClosed) return resolve();
        isClosed = true;
        up.close();
        down.close();
        socket.close(() => resolve());
      }),
  };
}

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { firstValueFrom, toArray } from 'rxjs';
import { bindingTransaction, writeMapping } from '../../../testkit/simulator/sfu/ice/stun.js';
import { nodeNetworkProbe } from './network-probe.js';

let server: Socket | null = null;
afterEach(() => server?.close());

/** A STUN server on loopback that does with each request what the test wants. */
async function serve(answer: (reply: (datagram: Buffer) => void, transactionId: Buffer, count: number) => void) {
  const socket = createSocket('udp4');
  server = socket;
  let count = 0;
  socket.on('message', (datagram: Buffer, from: RemoteInfo) => {
    const transactionId = bindingTransaction(datagram) ?? Buffer.alloc(0);
    count += 1;
    answer((bytes) => socket.send(bytes, from.port, from.address), transactionId, count);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return `stun:127.0.0.1:${socket.address().port}`;
}

const mapped = { address: '192.0.2.1', port: 5 };
const types = (urls: readonly string[]): Promise<readonly string[]> =>
  firstValueFrom(nodeNetworkProbe.gather(urls).pipe(toArray())).then((candidates) =>
    candidates.map(({ candidateType }) => candidateType).filter((type) => type !== 'host'),
  );

test('a server that answers brings a reflexive candidate, one that cannot be found brings none', async () => {
  const url = await serve((reply, id) => reply(writeMapping(id, mapped)));
  expect(await types([url])).toEqual(['srflx']);
  expect(await types(['stun:nobody.invalid', url])).toEqual(['srflx']);
  expect(await types(['stun:nobody.invalid'])).toEqual([]);
});

test('what is no answer to the request is passed over, and a request without an answer is sent again', async () => {
  const requests: string[] = [];
  const url = await serve((reply, id, count) => {
    requests.push(id.toString('hex'));
    if (count === 1) reply(writeMapping(Buffer.alloc(12), mapped));
    else reply(writeMapping(id, mapped));
  });
  expect(await types([url])).toEqual(['srflx']);
  // On a machine that is held up it may have been sent once more before the answer came.
  expect(requests.length).toBeGreaterThanOrEqual(2);
  expect(new Set(requests).size).toBe(1);
});

test('unsubscribing stops asking', async () => {
  const ids: string[] = [];
  let asked: () => void = () => undefined;
  const url = await serve((reply, id) => {
    ids.push(id.toString('hex'));
    asked();
    // The second exchange lasts until its request is sent again: time in which the first one would have been, too.
    if (ids.length > 2) reply(writeMapping(id, mapped));
  });
  await new Promise<void>((resolve) => {
    const gathering = nodeNetworkProbe.gather([url]).subscribe();
    asked = () => {
      gathering.unsubscribe();
      resolve();
    };
  });
  asked = () => undefined;
  expect(await types([url])).toEqual(['srflx']);
  expect(ids.length).toBeGreaterThanOrEqual(3);
  expect(ids.filter((id) => id === ids[0])).toHaveLength(1);
  expect(new Set(ids).size).toBe(2);
});

// One address for the nodes of a cluster: each new connection goes to the next node that accepts it.
import { connect, createServer } from 'node:net';

export async function startBalancer(ports) {
  let turn = 0;
  const sockets = new Set();
  const keep = (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket)).on('error', () => {});
    return socket;
  };

  function pass(client, order) {
    const [port, ...others] = order;
    if (port === undefined) return client.destroy();
    const node = keep(connect(port, '127.0.0.1'));
    node.once('connect', () => {
      node.off('error', next);
      client.pipe(node).pipe(client);
      client.once('close', () => node.destroy());
      node.once('close', () => client.destroy());
    });
    const next = () => pass(client, others);
    node.once('error', next);
  }

  const server = createServer({ pauseOnConnect: true }, (client) => {
    turn += 1;
    const nodes = [...ports];
    pass(
      keep(client),
      nodes.map((_, index) => nodes[(index + turn) % nodes.length]),
    );
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `ws://127.0.0.1:${server.address().port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

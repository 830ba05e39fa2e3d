// Redis for a cluster of LiveKit servers, on loopback, keeping nothing; and what the cluster has written into it.
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, onPath, startProgram } from './processes.mjs';

export const howToGetRedis = 'No redis-server was found on PATH (Debian: apt-get install redis-server).';

export const findRedis = () => onPath('redis-server');

export async function startRedis(program) {
  const folder = mkdtempSync(join(tmpdir(), 'decart-rx-redis-'));
  const port = await freePort();
  const settings = { port, bind: '127.0.0.1', dir: folder, save: '', appendonly: 'no' };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const redis = await startProgram(program, args, port, join(folder, 'log'));
  return {
    address: `127.0.0.1:${port}`,
    /** The id of the node that holds a room; `null`: no node does. */
    nodeOf: (room) => hashField(port, 'room_node_map', room),
    close: async () => {
      await redis.end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One field of a hash. Names of rooms have no spaces, and so need no quotes. */
function hashField(port, hash, field) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`HGET ${hash} ${field}\r\nQUIT\r\n`));
    let answer = '';
    socket.setEncoding('utf8').on('data', (text) => {
      answer += text;
    });
    socket.once('error', reject);
    // `$-1` for none, else `$LENGTH`, and the value on the next line.
    socket.once('close', () => resolve(answer.startsWith('$-1') ? null : (answer.split('\r\n')[1] ?? null)));
  });
}

// A LiveKit server of its own for the tests: found, configured for loopback alone, started.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, isProgram, onPath, startProgram } from './processes.mjs';

export const howToGet = `No LiveKit server was found: neither LIVEKIT_SERVER nor livekit-server on PATH.
With Go at hand, this builds one in some minutes:
  GOBIN="$PWD/.livekit" go install github.com/livekit/livekit-server/cmd/server@v1.11.0
  LIVEKIT_SERVER="$PWD/.livekit/server" npm run test:livekit-server
Binaries for each platform are at https://github.com/livekit/livekit/releases.`;

const apiKey = 'devkey';
const apiSecret = 'a secret for tests on loopback alone';

/** The server's program: what LIVEKIT_SERVER names, or livekit-server on PATH; `null`: there is none. */
export function findLiveKitServer() {
  const { LIVEKIT_SERVER: named } = process.env;
  if (!named) return onPath('livekit-server');
  if (!isProgram(named)) throw new Error(`LIVEKIT_SERVER names ${named}, which is no program.`);
  return named;
}

export const versionOf = (program) =>
  /version\s+(\S+)/.exec(execFileSync(program, ['--version'], { encoding: 'utf8' }))?.[1] ?? 'unknown';

/**
 * Starts one, on free ports of 127.0.0.1. With `redis` (host:port) it is a node of a cluster.
 * Everything that it listens on is loopback: no TCP fallback, which would listen everywhere, no TURN, no STUN servers.
 */
export async function startLiveKitServer(program, { redis = null } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'decart-rx-livekit-'));
  const [port, udpPort] = [await freePort(), await freePort()];
  const config = {
    port,
    bind_addresses: ['127.0.0.1'],
    keys: { [apiKey]: apiSecret },
    logging: { level: 'info' },
    rtc: {
      udp_port: udpPort,
      tcp_port: 0,
      use_external_ip: false,
      node_ip: '127.0.0.1',
      enable_loopback_candidate: true,
      interfaces: { includes: ['lo', 'lo0'] },
      stun_servers: [],
    },
    ...(redis && { redis: { address: redis } }),
  };
  const file = join(folder, 'config.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config));
  const server = await startProgram(program, ['--config', file], port, join(folder, 'log'));
  return {
    ...server,
    port,
    url: `ws://127.0.0.1:${port}`,
    apiKey,
    apiSecret,
    nodeId: /"nodeID": "(\w+)"/.exec(server.output())?.[1] ?? null,
    close: async () => {
      await server.end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

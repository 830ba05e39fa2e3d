// The LiveKit server that the rooms are on: the embedded one, or one of the caller's.
import type { MediaFault, NetworkConditions } from '../../service/media-fault.js';
import type { LiveKitSettings } from '../options.js';
import type { MediaServer, MediaServerStats } from '../sfu/media-server.js';
import { allowNestedPackages } from './nested-packages.js';
import { createRoomServiceClient } from './room-service-client.js';

/** Faults of the server; the others are the inference's. */
export type ServerFault = Exclude<MediaFault, { readonly kind: 'stall-inference' | 'inference-lag' }>;

export interface RoomServer {
  /** Where the inference connects to. */
  readonly url: string;
  /** Where clients connect to. */
  readonly clientUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** The embedded server, which echoes by itself and answers offers; `null`: it is an external one. */
  readonly embedded: MediaServer | null;
  /** @param clientOf gives the identity of a room's client; `null` while it has none */
  fault(fault: ServerFault, clientOf: (room: string) => string | null): void;
  removePeer(room: string, identity: string): void;
  closeRoom(room: string): void;
  stats(): Omit<MediaServerStats, 'rooms' | 'packetsMishandled'>;
  /** Resolves when what was asked of the server is done, and nothing is left open. */
  close(): Promise<void>;
}

// Each server is loaded only where it is used.
export async function startEmbedded(host: string, seed: number): Promise<RoomServer> {
  allowNestedPackages();
  const { startMediaServer } = await import('../sfu/media-server.js');
  const server = await startMediaServer({ host, seed });
  const { url, apiKey, apiSecret, faults } = server;
  return {
    url,
    clientUrl: url,
    apiKey,
    apiSecret,
    embedded: server,
    fault(fault, clientOf) {
      switch (fault.kind) {
        case 'network':
          faults.setNetwork(bothWays(fault.upstream, fault.downstream));
          break;
        case 'kick': {
          // The inference stays, as it would on the real service.
          const client = clientOf(fault.room);
          if (client !== null) server.kick(fault.room, client);
          break;
        }
        case 'cut-media-signalling':
          faults.cutSignalling({ room: fault.room });
          break;
        case 'force-full-reconnect':
          faults.forceFullReconnect({ room: fault.room });
          break;
      }
    },
    removePeer: (room, identity) => server.kick(room, identity),
    closeRoom: (room) => server.closeRoom(room),
    stats: () => server.stats(),
    close: () => server.close(),
  };
}

/** Its rooms are the server's own business: what of it fails is a warning. */
export async function openExternal(
  external: LiveKitSettings,
  host: string,
  warn: (text: string) => void,
): Promise<RoomServer> {
  const { url, apiKey, apiSecret } = external;
  const service = createRoomServiceClient(external);
  const relay = external.relay ? await startRelay(url, host) : null;
  const asked = new Set<Promise<void>>();

  function ask(call: Promise<void>): void {
    const done = call
      .catch((error: unknown) => warn(error instanceof Error ? error.message : String(error)))
      .finally(() => asked.delete(done));
    asked.add(done);
  }

  return {
    url,
    clientUrl: relay?.url ?? url,
    apiKey,
    apiSecret,
    embedded: null,
    fault(fault, clientOf) {
      if (fault.kind === 'kick') {
        const client = clientOf(fault.room);
        if (client !== null) ask(service.removeParticipant(fault.room, client));
      } else if (fault.kind === 'network') {
        // Taking back what never was needs no warning.
        if (isClean(fault.upstream) && isClean(fault.downstream)) return;
        warn('Fault network is not available with an external LiveKit server.');
      } else if (relay === null) {
        warn(`Fault ${fault.kind} needs the option media.relay with an external LiveKit server.`);
      } else if (fault.kind === 'cut-media-signalling') {
        relay.cut(fault.room);
      } else {
        relay.forceFullReconnect(fault.room);
      }
    },
    removePeer: () => {},
    closeRoom: (room) => ask(service.deleteRoom(room)),
    stats: () => ({ participants: 0, packetsIn: 0, packetsOut: 0 }),
    close: async () => {
      await Promise.all(asked);
      await relay?.close();
    },
  };
}

async function startRelay(url: string, host: string) {
  const { startSignallingRelay } = await import('./signalling-relay.js');
  return startSignallingRelay(url, host);
}

const isClean = ({
  lossPercent = 0,
  delayMs = 0,
  jitterMs = 0,
  bandwidthKbps = null,
  blackout = false,
}: NetworkConditions) => lossPercent === 0 && delayMs === 0 && jitterMs === 0 && bandwidthKbps === null && !blackout;

function bothWays(up: NetworkConditions, down: NetworkConditions) {
  const each = <T>(pick: (conditions: NetworkConditions) => T) => ({ up: pick(up), down: pick(down) });
  return {
    lossPercent: each(({ lossPercent = 0, blackout = false }) => (blackout ? 100 : lossPercent)),
    delayMs: each(({ delayMs = 0 }) => delayMs),
    jitterMs: each(({ jitterMs = 0 }) => jitterMs),
    bandwidthKbps: each(({ bandwidthKbps = null }) => bandwidthKbps),
  };
}

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isLoopback, optionError } from './options.js';
import { type ServerExit, trackConnections } from './sfu/connections.js';

/** A server that listens, and the way out of it. */
export interface Listener extends ServerExit {
  readonly server: Server;
}

/** Listens, or names the option that is in the way. */
export async function listen(port: number, host: string): Promise<Listener> {
  const server = createServer();
  const exit = trackConnections(server);
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port, host)));
    server.listen(port, host);
  });
  return { server, ...exit };
}

function listenError(error: NodeJS.ErrnoException, port: number, host: string): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return optionError('port', `${port} is in use on ${host}`, error);
    case 'EACCES':
      return optionError('port', `${port} needs more rights than this process has`, error);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return optionError('host', `${host} is not an address of this machine`, error);
    default:
      return optionError('port', `cannot listen on ${host}:${port} (${error.code ?? error.message})`, error);
  }
}

/** Host and port that a client on this machine connects to. */
export function authorityOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  if (host === '0.0.0.0' || host === '::') return `127.0.0.1:${port}`;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export function warnUnlessLoopback(host: string, warn: (text: string) => void): void {
  if (!isLoopback(host)) warn(`The simulator listens on ${host}: everyone who can reach this machine can use it.`);
}

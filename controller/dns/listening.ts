import { createSocket } from 'node:dgram';
import { createServer, isIPv6 } from 'node:net';
import type { Endpoint } from '#contract/environment.ts';
import { listenTcp } from './listen-tcp.ts';
import { type Listener, listenUdp } from './listen-udp.ts';
import type { Resolver } from './resolver.ts';

/** An address that cannot be listened on. */
export class ListenFailed extends Error {
  readonly protocol: 'udp' | 'tcp';
  readonly endpoint: Endpoint;
  /** The system's code, such as EADDRINUSE. */
  readonly code: string;
  constructor(protocol: 'udp' | 'tcp', endpoint: Endpoint, code: string) {
    super(`DNS cannot listen on ${endpointText(endpoint)} (${protocol}): ${REASONS[code] ?? code}`);
    this.name = 'ListenFailed';
    this.protocol = protocol;
    this.endpoint = endpoint;
    this.code = code;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has the port',
  EACCES: 'this user may not have the port',
  EADDRNOTAVAIL: 'this machine does not have the address',
  EAFNOSUPPORT: 'this machine does not have the address family',
};

export function endpointText({ address, port }: Endpoint): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * Finds out whether the port is free before the workers share it: a shared port can be joined by a second program of
 * the same user without an error, and each would get half of the questions.
 * @throws ListenFailed
 */
export async function checkFree(endpoint: Endpoint): Promise<void> {
  const v6 = isIPv6(endpoint.address);
  const socket = createSocket({ type: v6 ? 'udp6' : 'udp4', ipv6Only: v6 });
  await new Promise<void>((done, fail) => {
    socket.once('error', (error) => {
      socket.close();
      fail(listenFailed('udp', endpoint, error));
    });
    socket.bind({ ...endpoint, exclusive: true }, () => socket.close(done));
  });
  const server = createServer();
  await new Promise<void>((done, fail) => {
    server.once('error', (error) => fail(listenFailed('tcp', endpoint, error)));
    const where = { host: endpoint.address, port: endpoint.port, ipv6Only: v6, exclusive: true };
    server.listen(where, () => server.close(() => done()));
  });
}

function listenFailed(protocol: 'udp' | 'tcp', endpoint: Endpoint, error: unknown): ListenFailed {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return new ListenFailed(protocol, endpoint, code);
}

/** Whether the machine has no IPv6, or not this address of it: no reason to do without the rest. */
export function lacksAddress({ endpoint, code }: ListenFailed): boolean {
  return isIPv6(endpoint.address) && (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT');
}

/** Tries to find a port that is free for both protocols, when any will do. */
const MOST_TRIES = 20;

/**
 * Listens over UDP and TCP on the same port of one address.
 * @throws ListenFailed
 */
export async function listenBoth(endpoint: Endpoint, resolver: Resolver): Promise<readonly Listener[]> {
  for (let tries = 1; ; tries++) {
    const udp = await listenUdp(endpoint, resolver).catch((error: unknown) => {
      throw listenFailed('udp', endpoint, error);
    });
    try {
      return [udp, await listenTcp(udp.endpoint, resolver)];
    } catch (error) {
      await udp.close();
      const failed = listenFailed('tcp', udp.endpoint, error);
      if (endpoint.port !== 0 || failed.code !== 'EADDRINUSE' || tries === MOST_TRIES) throw failed;
    }
  }
}

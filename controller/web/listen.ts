import type { Server } from 'node:http';
import type { Endpoint } from '#contract/environment.ts';

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has that port',
  EACCES: 'this user may not open that port',
  EADDRNOTAVAIL: 'this machine has no such address',
};

/** The endpoint of the web door cannot be listened on; the message names it and says why. */
export class PortUnusable extends Error {
  readonly endpoint: Endpoint;
  constructor(endpoint: Endpoint, cause: NodeJS.ErrnoException) {
    const { address, port } = endpoint;
    const shown = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
    super(`web: cannot listen on ${shown}: ${REASONS[cause.code ?? ''] ?? cause.message}`, { cause });
    this.name = 'PortUnusable';
    this.endpoint = endpoint;
  }
}

/**
 * Listens on `endpoint`; port 0 takes a free one.
 * @throws PortUnusable
 */
export function listen(server: Server, endpoint: Endpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException) => reject(new PortUnusable(endpoint, cause));
    server.once('error', failed);
    server.listen({ host: endpoint.address, port: endpoint.port, exclusive: true }, () => {
      server.off('error', failed);
      resolve();
    });
  });
}

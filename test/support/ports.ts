import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that the kernel gives to outgoing connections (32768 and up on Linux): a port found free there is
 * not taken by somebody's passing connection before the test gets to it.
 */
const FIRST = 11_000;
const LAST = 31_999;

/** A port that is free on loopback for UDP and TCP, in IPv4 and, where the machine has it, IPv6. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if ((await isFree(port, '127.0.0.1')) && (await isFree(port, '::1'))) return port;
  }
}

export function freePorts(count: number): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, freePort));
}

async function isFree(port: number, address: string): Promise<boolean> {
  const server = createServer();
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  try {
    server.listen(port, address);
    await once(server, 'listening');
    socket.bind(port, address);
    await once(socket, 'listening');
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EADDRNOTAVAIL';
  } finally {
    await new Promise<void>((done) => socket.close(done));
    if (server.listening) await new Promise((done) => server.close(done));
  }
}

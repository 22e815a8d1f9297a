import { chmod, lstat, mkdir, unlink } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { Endpoint } from '#contract/environment.ts';
import { BrokerError } from './broker-error.ts';

/** Octets of `sun_path` on Linux, without its closing NUL. */
const SOCKET_PATH_MOST = 107;

export interface DoorServer {
  /** 0 for a unix socket. */
  readonly port: number;
  close(): Promise<void>;
}

/** Listens on `path` with mode 0660: who may open the file may be the panel. */
export async function listenUnix(path: string, onSocket: (socket: Socket) => void): Promise<DoorServer> {
  const octets = Buffer.byteLength(path);
  if (octets > SOCKET_PATH_MOST) {
    throw new BrokerError(
      'address',
      `MQTT socket ${path}: wanted a path of at most ${SOCKET_PATH_MOST} octets, got ${octets}`,
    );
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o750 });
  await removeStale(path);
  const server = createServer({ noDelay: true }, onSocket);
  await listening(server, { path }, `MQTT socket ${path}`);
  await chmod(path, 0o660);
  return doorServer(server);
}

/** Listens on a loopback address: passwords travel here in the clear. Port 0 takes any free one. */
export async function listenLoopback(
  { address, port }: Endpoint,
  onSocket: (socket: Socket) => void,
): Promise<DoorServer> {
  if (address !== '::1' && !address.startsWith('127.')) {
    throw new BrokerError('address', `GATEHOUSE_MQTT: wanted a loopback address, got ${address}`);
  }
  const server = createServer({ noDelay: true }, onSocket);
  await listening(server, { host: address, port }, `GATEHOUSE_MQTT ${address} port ${port}`);
  return doorServer(server);
}

/** A killed process leaves its socket file behind. One that nobody answers on is removed; anything else is not ours to remove. */
async function removeStale(path: string): Promise<void> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new BrokerError('listen', `MQTT socket ${path}: ${error.message}`, { cause: error });
  });
  if (!found) return;
  if (!found.isSocket()) {
    throw new BrokerError(
      'socket taken',
      `MQTT socket ${path}: wanted a socket there or nothing, got another file`,
    );
  }
  if (await answers(path)) {
    throw new BrokerError('socket taken', `MQTT socket ${path}: another process listens on it`);
  }
  await unlink(path);
}

function answers(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const probe = connect({ path });
  probe.once('connect', () => {
    probe.destroy();
    resolve(true);
  });
  probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  return promise;
}

function listening(server: Server, where: object, what: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (error: NodeJS.ErrnoException) => {
    const isTaken = error.code === 'EADDRINUSE';
    const message = isTaken ? `${what}: already taken by another process` : `${what}: ${error.message}`;
    reject(new BrokerError(isTaken ? 'port taken' : 'listen', message, { cause: error }));
  });
  server.listen(where, () => {
    server.removeAllListeners('error');
    resolve();
  });
  return promise;
}

function doorServer(server: Server): DoorServer {
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? (address as AddressInfo).port : 0,
    close: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      return promise;
    },
  };
}

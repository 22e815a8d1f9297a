import { createServer, isIPv6, type Server, type Socket } from 'node:net';
import type { Endpoint } from '#contract/environment.ts';
import { createFrames } from './frames.ts';
import type { Listener } from './listen-udp.ts';
import type { Origin } from './query.ts';
import type { Resolver } from './resolver.ts';

/** Milliseconds without a whole message after which a connection is closed. @see RFC 7766 section 6.2.3 */
export const IDLE_MS = 10_000;
/** Milliseconds that one message may take to come in whole. */
export const MESSAGE_MS = 5000;
/** Connections in all, and of one client. */
export const MOST_CONNECTIONS = 512;
export const MOST_OF_ONE_CLIENT = 64;
/** Questions of one connection that may wait for upstreams, and octets of answers that it may leave unread. */
const MOST_WAITING = 256;
const MOST_UNREAD_OCTETS = 256 << 10;

/** Times that tests shorten. */
export interface StreamTimes {
  readonly idleMs: number;
  readonly messageMs: number;
}

/**
 * Listens on one address over TCP, beside the other workers on the same port.
 * @throws the system's error when the address cannot be had
 */
export async function listenTcp(
  endpoint: Endpoint,
  resolver: Resolver,
  times: StreamTimes = { idleMs: IDLE_MS, messageMs: MESSAGE_MS },
): Promise<Listener> {
  const open = new Set<Socket>();
  const byClient = new Map<string, number>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const client = socket.remoteAddress ?? '';
    const count = (byClient.get(client) ?? 0) + 1;
    if (open.size >= MOST_CONNECTIONS || count > MOST_OF_ONE_CLIENT || client === '') {
      socket.destroy();
      return;
    }
    open.add(socket);
    byClient.set(client, count);
    socket.on('close', () => {
      open.delete(socket);
      const left = (byClient.get(client) ?? 1) - 1;
      if (left > 0) byClient.set(client, left);
      else byClient.delete(client);
    });
    converse(socket, resolver, times);
  });
  await listening(server, endpoint);
  server.on('error', () => {});
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : endpoint.port;
  return {
    endpoint: { address: endpoint.address, port },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const socket of open) socket.end(() => socket.destroy());
      }),
  };
}

function listening(server: Server, endpoint: Endpoint): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(
      {
        host: endpoint.address,
        port: endpoint.port,
        ipv6Only: isIPv6(endpoint.address),
        reusePort: true,
        exclusive: true,
      },
      () => {
        server.removeAllListeners('error');
        done();
      },
    );
  });
}

/** One connection: messages come pipelined, answers go out as they are ready (RFC 7766 section 6.2.1.1). */
function converse(socket: Socket, resolver: Resolver, { idleMs, messageMs }: StreamTimes): void {
  let waiting = 0;
  let ended = false;
  let partSince: NodeJS.Timeout | undefined;
  const finish = () => {
    if (ended && waiting === 0) socket.end();
  };
  const send = (octets: Buffer, length: number) => {
    if (socket.destroyed || !socket.writable) return;
    const frame = Buffer.allocUnsafe(length + 2);
    frame.writeUInt16BE(length, 0);
    octets.copy(frame, 2, 0, length);
    socket.write(frame);
    // Somebody who asks and does not read is no client.
    if (socket.writableLength > MOST_UNREAD_OCTETS) socket.destroy();
  };
  const origin: Origin = {
    address: socket.remoteAddress ?? '',
    stream: true,
    keep() {
      waiting += 1;
      return (octets, length) => {
        waiting -= 1;
        if (length > 0) send(octets, length);
        if (waiting < MOST_WAITING && socket.isPaused()) socket.resume();
        finish();
      };
    },
  };
  const frames = createFrames((message) => {
    clearTimeout(partSince);
    partSince = undefined;
    const length = resolver.answer(message, origin);
    if (length > 0) send(resolver.desk.out, length);
  });
  socket.setTimeout(idleMs, () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    frames.take(chunk);
    if (waiting >= MOST_WAITING) socket.pause();
    // One octet a second keeps a connection from being idle; it does not make it a client.
    if (frames.pending() > 0) partSince ??= setTimeout(() => socket.destroy(), messageMs);
  });
  socket.on('end', () => {
    ended = true;
    finish();
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => clearTimeout(partSince));
}

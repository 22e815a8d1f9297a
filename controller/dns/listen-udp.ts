import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Endpoint } from '#contract/environment.ts';
import { REFUSED_COUNT } from './counters.ts';
import type { Origin } from './query.ts';
import type { Resolver } from './resolver.ts';

/** Octets that the kernel may keep for us on either side: a burst waits instead of being lost. */
const BUFFER_OCTETS = 4 << 20;
/** Octets of answers that wait to be sent, above which further ones are dropped: over UDP people ask again. */
const MOST_QUEUED_OCTETS = 4 << 20;

/** One listening socket. */
export interface Listener {
  /** Where it listens: the port that was given when it asked for any. */
  readonly endpoint: Endpoint;
  /** Takes no more questions, sends what is still to be sent. */
  close(): Promise<void>;
}

/**
 * Listens on one address over UDP, beside the other workers on the same port.
 * @throws the system's error when the address cannot be had
 */
export async function listenUdp(endpoint: Endpoint, resolver: Resolver): Promise<Listener> {
  const v6 = isIPv6(endpoint.address);
  const socket = createSocket({
    type: v6 ? 'udp6' : 'udp4',
    ipv6Only: v6,
    reusePort: true,
    recvBufferSize: BUFFER_OCTETS,
    sendBufferSize: BUFFER_OCTETS,
    // Answers go to the address they came from, written as the kernel wrote it: there is nothing to look up.
    lookup: (address, _options, found) => found(null, address, v6 ? 6 : 4),
  });
  await bound(socket, endpoint);
  const sender = createSender(socket, resolver);
  const origin = createOrigin(sender);
  socket.on('message', (octets, from) => {
    if (from.port === 0) return countUnanswerable(resolver);
    origin.address = from.address;
    origin.port = from.port;
    const length = resolver.answer(octets, origin);
    if (length > 0) sender.sendOut(length, from.port, from.address);
  });
  // Errors after this are about single datagrams, such as a client that went away.
  socket.on('error', () => {});
  const { port } = socket.address();
  return {
    endpoint: { address: endpoint.address, port },
    close: () => {
      sender.close();
      return new Promise((done) => socket.close(done));
    },
  };
}

/** There is no way back to port 0. */
function countUnanswerable({ desk }: Resolver): void {
  (desk.counters[REFUSED_COUNT] as number) += 1;
}

function bound(socket: Socket, endpoint: Endpoint): Promise<void> {
  return new Promise((done, fail) => {
    socket.once('error', (error) => {
      socket.close();
      fail(error);
    });
    socket.bind({ port: endpoint.port, address: endpoint.address, exclusive: true }, () => {
      socket.removeAllListeners('error');
      done();
    });
  });
}

interface Sender {
  /** Sends what stands in the resolver's buffer, with the other answers of this turn of the event loop. */
  sendOut(length: number, port: number, address: string): void;
  /** Sends what waits for the end of the turn, and nothing after that: the socket is about to be gone. */
  close(): void;
}

/**
 * Answers of one turn go out together: an asker that is woken by the first one while we still read costs both of us more
 * than the microseconds that it waits. A turn reads some dozens of datagrams at most.
 */
function createSender(socket: Socket, resolver: Resolver): Sender {
  let closed = false;
  let waiting: { octets: Buffer; port: number; address: string }[] = [];
  const flush = () => {
    const now = waiting;
    // Nothing is left of a turn in which the socket was closed.
    if (now.length === 0) return;
    waiting = [];
    // The kernel takes a datagram at once, as a rule. What it does not take is queued, up to a bound.
    if (socket.getSendQueueSize() > MOST_QUEUED_OCTETS) return;
    for (const { octets, port, address } of now) socket.send(octets, port, address);
  };
  return {
    sendOut(length, port, address) {
      if (closed) return;
      const octets = Buffer.allocUnsafe(length);
      resolver.desk.out.copy(octets, 0, 0, length);
      if (waiting.push({ octets, port, address }) === 1) setImmediate(flush);
    },
    close() {
      flush();
      closed = true;
    },
  };
}

function createOrigin(sender: Sender): Origin & { port: number } {
  return {
    address: '',
    port: 0,
    stream: false,
    keep() {
      const { address, port } = this;
      return (_octets, length) => sender.sendOut(length, port, address);
    },
  };
}

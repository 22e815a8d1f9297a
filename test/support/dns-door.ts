import { createSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { MessageChannel } from 'node:worker_threads';
import { compileClients } from '#clients/client-table.ts';
import type { Category } from '#contract/categories.ts';
import type { Endpoint } from '#contract/environment.ts';
import type { BlockEvent, EventBatch, WatchedAnswer } from '#contract/events.ts';
import type { Settings } from '#contract/settings.ts';
import type { NewClient } from '#dns/messages.ts';
import { startDnsWorkers } from '#dns/workers.ts';
import { compilePolicy } from '#filter/policy.ts';
import { indexOf, someSettings } from './policy.ts';

export interface DoorShape {
  readonly names?: Iterable<readonly [name: string, category: Category]>;
  readonly settings?: Partial<Settings>;
  readonly listen?: readonly Endpoint[];
  readonly workers?: number;
}

/** The DNS door as main starts it, on free ports of loopback. */
export async function openDoor(shape: DoorShape = {}) {
  const count = shape.workers ?? 1;
  const events: BlockEvent[] = [];
  const watched: WatchedAnswer[] = [];
  const clients: NewClient[] = [];
  const logged: string[] = [];
  const channels = Array.from({ length: count }, () => new MessageChannel());
  for (const { port2 } of channels) port2.on('message', (batch: EventBatch) => events.push(...batch.events));
  const settings = someSettings({ upstreams: ['udp://127.0.0.1:9'], ...shape.settings });
  const closeChannels = () => {
    for (const { port1 } of channels) port1.close();
  };
  const door = await startDnsWorkers({
    listen: shape.listen ?? [{ address: '127.0.0.1', port: 0 }],
    count,
    index: indexOf(shape.names ?? []),
    policy: compilePolicy(settings, undefined, 1),
    compileClients,
    pageAddresses: { v4: '192.0.2.80', v6: '2001:db8::80' },
    eventPorts: channels.map(({ port1 }) => port1),
    onWatched: (answer) => watched.push(answer),
    onClient: (client) => clients.push(client),
    log: (message, fields) => logged.push(`${message} ${JSON.stringify(fields)}`),
    cacheOctets: 1 << 20,
  }).catch((error: unknown) => {
    closeChannels();
    throw error;
  });
  return {
    ...door,
    settings,
    events,
    watched,
    clients,
    logged,
    port: (door.ports[0] as Endpoint).port,
    async [Symbol.asyncDispose]() {
      await door.close();
      closeChannels();
    },
  };
}

/** Sends one datagram and waits for one; undefined when none comes within `patienceMs`. */
export async function askUdp(
  { address, port }: Endpoint,
  octets: Buffer,
  patienceMs = 3000,
): Promise<Buffer | undefined> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  const come = Promise.withResolvers<Buffer | undefined>();
  socket.on('message', (answer) => come.resolve(answer));
  socket.send(octets, port, address);
  const late = setTimeout(() => come.resolve(undefined), patienceMs);
  const answer = await come.promise;
  clearTimeout(late);
  socket.close();
  return answer;
}

export function frame(octets: Buffer): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(octets.length);
  return Buffer.concat([head, octets]);
}

/** A connection to the door that keeps the messages which come. */
export async function openStream({ address, port }: Endpoint) {
  const socket: Socket = connect({ host: address, port, noDelay: true, allowHalfOpen: true });
  const messages: Buffer[] = [];
  const closed = Promise.withResolvers<void>();
  let rest = Buffer.alloc(0);
  const waiters: { count: number; done: () => void }[] = [];
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const length = rest.readUInt16BE(0);
      messages.push(rest.subarray(2, 2 + length));
      rest = rest.subarray(2 + length);
    }
    for (const { count, done } of waiters) if (messages.length >= count) done();
  });
  socket.on('error', () => {});
  socket.on('end', () => closed.resolve());
  socket.on('close', () => closed.resolve());
  await new Promise<void>((done) => {
    socket.once('connect', done);
    socket.once('close', () => done());
  });
  return {
    socket,
    messages,
    /** Settled when the other side ended or cut the connection. */
    closed: closed.promise,
    /** Waits until so many messages have come. */
    come: (count: number) =>
      messages.length >= count
        ? Promise.resolve()
        : new Promise<void>((done) => {
            waiters.push({ count, done });
          }),
    [Symbol.dispose]() {
      socket.destroy();
    },
  };
}

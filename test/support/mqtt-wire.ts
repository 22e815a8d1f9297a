import { once } from 'node:events';
import type { Duplex } from 'node:stream';

/** MQTT 3.1.1 packets as octets, right or wrong on purpose: no client library would send some of these. */
export interface Will {
  readonly topic: string | Buffer;
  readonly payload: string;
  readonly retained?: boolean;
}
export interface Connect {
  readonly clientId: string;
  readonly clean?: boolean;
  readonly keepalive?: number;
  readonly username?: string;
  readonly password?: string;
  readonly will?: Will;
  readonly version?: number;
}

const text = (value: string | Buffer): Buffer => {
  const octets = Buffer.from(value);
  return Buffer.concat([Buffer.from([octets.length >> 8, octets.length & 255]), octets]);
};

export function packet(first: number, body: Buffer, length = body.length): Buffer {
  const octets = [first];
  for (let rest = length; ; ) {
    const low = rest & 127;
    rest >>= 7;
    octets.push(rest > 0 ? low | 128 : low);
    if (rest === 0) return Buffer.concat([Buffer.from(octets), body]);
  }
}

export function connectPacket(connect: Connect): Buffer {
  const { clean = true, keepalive = 60, username, password, will, version = 4 } = connect;
  const flags =
    (username === undefined ? 0 : 0x80) |
    (password === undefined ? 0 : 0x40) |
    (will ? 0x0c | (will.retained === false ? 0 : 0x20) : 0) |
    (clean ? 2 : 0);
  const parts = [text('MQTT'), Buffer.from([version, flags, keepalive >> 8, keepalive & 255])];
  if (version === 5) parts.push(Buffer.from([0]));
  parts.push(text(connect.clientId));
  if (will) parts.push(text(will.topic), text(will.payload));
  if (username !== undefined) parts.push(text(username));
  if (password !== undefined) parts.push(text(password));
  return packet(0x10, Buffer.concat(parts));
}

export function publishPacket(
  topic: string | Buffer,
  payload: string | Buffer,
  { qos = 1, retained = false, id = 1 } = {},
): Buffer {
  const name = [text(topic)];
  if (qos > 0) name.push(Buffer.from([id >> 8, id & 255]));
  return packet(0x30 | (qos << 1) | (retained ? 1 : 0), Buffer.concat([...name, Buffer.from(payload)]));
}

export function subscribePacket(topicFilters: readonly (string | Buffer)[], id = 1): Buffer {
  const wanted = topicFilters.flatMap((filter) => [text(filter), Buffer.from([1])]);
  return packet(0x82, Buffer.concat([Buffer.from([id >> 8, id & 255]), ...wanted]));
}

/** The far end of one connection: every whole packet that came, and an end when it was cut. */
export interface WireClient {
  send(octets: Buffer): void;
  /** The next packet of one of these types; undefined when the connection was cut first. */
  next(...types: readonly number[]): Promise<{ readonly type: number; readonly body: Buffer } | undefined>;
  readonly transport: Duplex;
}
export const TYPE = { connack: 2, publish: 3, puback: 4, suback: 9, unsuback: 11, pingresp: 13 } as const;

export function wireClient(transport: Duplex): WireClient {
  let octets: Buffer = Buffer.alloc(0);
  let isCut = false;
  const came: { type: number; body: Buffer }[] = [];
  const waiting: (() => void)[] = [];
  const wake = () => {
    for (const resume of waiting.splice(0)) resume();
  };
  transport.on('data', (more: Buffer) => {
    octets = Buffer.concat([octets, more]);
    for (let whole = take(octets); whole; whole = take(octets)) {
      came.push(whole.packet);
      octets = whole.rest;
    }
    wake();
  });
  for (const over of ['end', 'close']) {
    transport.once(over, () => {
      isCut = true;
      transport.destroy();
      wake();
    });
  }
  return {
    transport,
    send: (message) => {
      transport.write(message, () => {});
    },
    next: async (...types) => {
      for (;;) {
        const at = came.findIndex((one) => types.includes(one.type));
        if (at >= 0) return came.splice(0, at + 1).at(-1);
        if (isCut) return undefined;
        const { promise, resolve } = Promise.withResolvers<void>();
        waiting.push(resolve);
        await promise;
      }
    },
  };
}

function take(octets: Buffer) {
  let length = 0;
  for (let at = 1; at < 5 && at < octets.length; at++) {
    const octet = octets[at] ?? 0;
    length += (octet & 127) * 128 ** (at - 1);
    if (octet & 128) continue;
    const end = at + 1 + length;
    if (octets.length < end) return undefined;
    const type = (octets[0] ?? 0) >> 4;
    return { packet: { type, body: octets.subarray(at + 1, end) }, rest: octets.subarray(end) };
  }
  return undefined;
}

/** Says CONNECT and waits for the answer. @returns the return code; undefined when the connection was cut without one */
export async function greet(transport: Duplex, connect: Connect) {
  const client = wireClient(transport);
  client.send(connectPacket(connect));
  const connack = await client.next(TYPE.connack);
  return { client, returnCode: connack?.body[1] };
}

export async function cut(transport: Duplex): Promise<void> {
  if (!transport.closed) await once(transport, 'close');
}

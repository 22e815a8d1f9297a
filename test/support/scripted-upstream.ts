import { createSocket } from 'node:dgram';
import type { AddressInfo, Server } from 'node:net';
import dns2 from 'dns2';

/** What the scripted upstream says to a question: octets behind the question by section, an rcode, or something odd. */
export interface Script {
  readonly rcode?: number;
  readonly answers?: readonly Buffer[];
  readonly authority?: readonly Buffer[];
  readonly additional?: readonly Buffer[];
  /** Changes the octets before they are sent; undefined for silence. */
  readonly spoil?: (octets: Buffer) => Buffer | undefined;
  readonly truncated?: boolean;
  readonly authenticData?: boolean;
  /** Waits for it. */
  readonly after?: Promise<void>;
}

export interface Asked {
  readonly name: string;
  readonly qtype: number;
  readonly protocol: 'udp' | 'tcp';
  /** The question's message as dns2 reads it. */
  readonly message: dns2.Packet;
  readonly port: number;
}

/** Starts an upstream, of dns2, that says what `script` says. */
export async function startScripted(script: (asked: Asked) => Script | undefined, wantedPort = 0) {
  const asked: Asked[] = [];
  const answer = async (
    protocol: 'udp' | 'tcp',
    message: dns2.Packet,
    port: number,
    send: (octets: never) => unknown,
  ) => {
    const question = message.questions[0];
    if (!question) return;
    const seen = { name: question.name.toLowerCase(), qtype: question.type ?? 1, protocol, message, port };
    asked.push(seen);
    const says = script(seen);
    if (!says) return;
    await says.after;
    const octets = composeScripted(message, says);
    const sent = says.spoil ? says.spoil(octets) : octets;
    if (sent) send(sent as never);
  };
  const { udp, tcp, port } = await listenBoth(wantedPort, answer);
  return {
    asked,
    port,
    url: `udp://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      (udp as unknown as { close(): void }).close();
      await new Promise<void>((done) =>
        (tcp as unknown as { close(done: () => void): void }).close(() => done()),
      );
    },
  };
}

type Answer = (
  protocol: 'udp' | 'tcp',
  message: dns2.Packet,
  port: number,
  send: (octets: never) => unknown,
) => Promise<void>;

/** Another program's connection may have the TCP port of the number that UDP was given: then another number is tried. */
async function listenBoth(wantedPort: number, answer: Answer) {
  for (let tries = 1; ; tries++) {
    const udp = dns2.createUDPServer((message, send, from) => {
      void answer('udp', message, (from as { port: number }).port, send as never);
    });
    await (udp as unknown as { listen(port: number, address: string): Promise<void> }).listen(
      wantedPort,
      '127.0.0.1',
    );
    const { port } = udp.address() as AddressInfo;
    const tcp = dns2.createTCPServer((message, send) => {
      void answer('tcp', message, 0, send as never);
    });
    try {
      await new Promise<void>((done, fail) => {
        const server = tcp as unknown as Server;
        server.once('error', fail);
        server.listen(port, '127.0.0.1', done);
      });
      return { udp, tcp, port };
    } catch (error) {
      (udp as unknown as { close(): void }).close();
      if (wantedPort !== 0 || tries === 20) throw error;
    }
  }
}

/** The question as dns2 spells it back, then the script's records as they are. */
function composeScripted(message: dns2.Packet, says: Script): Buffer {
  const bare = new dns2.Packet();
  bare.header = new dns2.Packet.Header({ id: message.header.id, qr: 1, rd: 1, ra: 1 });
  bare.questions = message.questions;
  const head = bare.toBuffer();
  const sections = [says.answers ?? [], says.authority ?? [], says.additional ?? []];
  sections.forEach((records, section) => {
    head.writeUInt16BE(records.length, 6 + section * 2);
  });
  head.writeUInt8(head.readUInt8(2) | (says.truncated ? 0x02 : 0), 2);
  head.writeUInt8(0x80 | (says.authenticData ? 0x20 : 0) | (says.rcode ?? 0), 3);
  return Buffer.concat([head, ...sections.flat()]);
}

/** A UDP port of loopback where nobody listens. */
export async function deadPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  const { port } = socket.address();
  await new Promise<void>((done) => socket.close(done));
  return port;
}

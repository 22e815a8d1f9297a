import { createSocket, type Socket } from 'node:dgram';
import type { Endpoint } from '#contract/environment.ts';
import type { Random } from './random.ts';

/** Source ports in use towards one upstream at a time, and questions asked from one before it is left. */
const PORTS = 8;
const QUESTIONS_A_PORT = 128;
/** Milliseconds that a port which was left stays open for late answers. */
const LATE_MS = 5000;

/** A question that waits for its answer at one of our ports. */
export interface Waiting {
  readonly id: number;
  onDatagram(answer: Buffer): void;
  /** The upstream's machine says that nobody listens there, or the network is gone. */
  onRefused(): void;
}

interface Port {
  readonly socket: Socket;
  readonly waiting: Map<number, Waiting>;
  connected: boolean;
  /** Datagrams to send once the socket is connected. */
  readonly early: Buffer[];
  asked: number;
}

/** Our side of the way to one upstream over UDP: several random source ports, changed often. @see RFC 5452 section 9.2 */
export interface UpstreamPorts {
  /** Sends what `compose` makes for a free random ID. @returns how to stop waiting */
  send(compose: (id: number) => { datagram: Buffer; waiting: Waiting }): () => void;
  close(): void;
}

export function openUpstreamPorts(endpoint: Endpoint, random: Random): UpstreamPorts {
  const ports: Port[] = [];
  const left = new Set<Port>();

  const leave = (port: Port) => {
    const at = ports.indexOf(port);
    if (at >= 0) ports.splice(at, 1);
    left.add(port);
    setTimeout(() => shut(port), LATE_MS).unref();
  };
  const shut = (port: Port) => {
    if (left.delete(port)) port.socket.close();
  };
  const open = (): Port => {
    const port = openPort(endpoint, () => {
      if (ports.includes(port)) leave(port);
    });
    ports.push(port);
    return port;
  };
  const choose = (): Port => {
    if (ports.length < PORTS) return open();
    const port = ports[random.next16() % ports.length] as Port;
    if (port.asked < QUESTIONS_A_PORT) return port;
    leave(port);
    return open();
  };

  return {
    send(compose) {
      const port = choose();
      let id = random.next16();
      while (port.waiting.has(id)) id = random.next16();
      const { datagram, waiting } = compose(id);
      port.asked += 1;
      port.waiting.set(id, waiting);
      if (port.connected) transmit(port, datagram);
      else port.early.push(datagram);
      return () => {
        if (port.waiting.get(id) === waiting) port.waiting.delete(id);
      };
    },
    close() {
      for (const port of ports.splice(0)) left.add(port);
      for (const port of [...left]) shut(port);
    },
  };
}

/** Connected, so that the kernel drops what comes from elsewhere and tells us when nobody listens. */
function openPort(endpoint: Endpoint, onUnusable: () => void): Port {
  const socket = createSocket({ type: endpoint.address.includes(':') ? 'udp6' : 'udp4' });
  const port: Port = { socket, waiting: new Map(), connected: false, early: [], asked: 0 };
  socket.on('error', () => {
    if (!port.connected) onUnusable();
    refuse(port);
  });
  socket.on('message', (answer) => {
    if (answer.length >= 2) port.waiting.get(answer.readUInt16BE(0))?.onDatagram(answer);
  });
  socket.on('connect', () => {
    port.connected = true;
    for (const datagram of port.early.splice(0)) transmit(port, datagram);
  });
  socket.connect(endpoint.port, endpoint.address);
  return port;
}

function transmit(port: Port, datagram: Buffer): void {
  port.socket.send(datagram, (error) => {
    if (error) port.waiting.get(datagram.readUInt16BE(0))?.onRefused();
  });
}

function refuse(port: Port): void {
  const all = [...port.waiting.values()];
  port.waiting.clear();
  for (const waiting of all) waiting.onRefused();
}

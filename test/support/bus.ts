import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocket } from 'ws';
import { type Broker, type BrokerOptions, openBroker } from '#broker/broker.ts';
import type { BusRole, ButtonPressed } from '#contract/topics.ts';

export const BOX = 'box-1';
export const TOKEN = 'a-token-of-the-data-folder';
export const PREFIX = `gatehouse/5/${BOX}`;
export const NOON = Date.parse('2026-01-07T12:00:00Z');

/** A real broker on a socket in a folder of its own, a free port, and an HTTP server that stands where the web door stands. */
export interface TestBus extends AsyncDisposable {
  readonly broker: Broker;
  readonly socketPath: string;
  readonly httpPort: number;
  readonly presses: ButtonPressed[];
  readonly edges: string[];
  readonly logged: string[];
  /** Octets to and from the broker as `role`, before any CONNECT. */
  reach(role: BusRole, principal?: string): Promise<Duplex>;
}

export async function openTestBus(overrides: Partial<BrokerOptions> = {}): Promise<TestBus> {
  const folder = mkdtempSync(join(tmpdir(), 'bus-'));
  const socketPath = overrides.socketPath ?? join(folder, 'run', 'bus.sock');
  const presses: ButtonPressed[] = [];
  const edges: string[] = [];
  const logged: string[] = [];
  const broker = await openBroker({
    box: BOX,
    socketPath,
    tcp: { address: '127.0.0.1', port: 0 },
    token: TOKEN,
    clock: () => NOON,
    onPressed: (press) => presses.push(press),
    onScreenButton: (edge) => edges.push(edge),
    log: (message, fields) => logged.push(`${message} ${JSON.stringify(fields)}`),
    ...overrides,
  });
  const http = createServer((_request, response) => response.writeHead(404).end());
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const role = url.searchParams.get('role') === 'presser' ? 'presser' : 'viewer';
    broker.upgrade(request, socket, head, {
      role,
      principal: url.searchParams.get('principal') ?? 'session-1',
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const httpPort = (http.address() as AddressInfo).port;

  async function reach(role: BusRole, principal = 'session-1'): Promise<Duplex> {
    if (role === 'viewer' || role === 'presser') {
      const url = `ws://127.0.0.1:${httpPort}/mqtt?role=${role}&principal=${principal}`;
      const webSocket = new WebSocket(url, 'mqtt');
      const stream = createWebSocketStream(webSocket);
      stream.on('error', () => stream.destroy());
      await once(webSocket, 'open');
      return stream;
    }
    const socket = connect(
      role === 'panel' ? { path: socketPath } : { port: broker.tcpPort ?? 0, host: '127.0.0.1' },
    );
    socket.on('error', () => socket.destroy());
    await once(socket, 'connect');
    return socket;
  }

  return {
    broker,
    socketPath,
    httpPort,
    presses,
    edges,
    logged,
    reach,
    async [Symbol.asyncDispose]() {
      await broker.close();
      http.closeAllConnections();
      http.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { may } from '#contract/roles.ts';
import type { BusRole } from '#contract/topics.ts';
import type { Appliance } from './appliance.ts';
import { isSameOrigin, placeHost } from './hosts.ts';
import { principalOf, tokenOf } from './identity.ts';
import { composeProblem, type DoorLog } from './problems.ts';

/** Who a live connection belongs to. `principal` is `principalOf(token)` of the session it came with. */
export interface LiveClient {
  readonly role: Extract<BusRole, 'viewer' | 'presser'>;
  readonly principal: string;
}

/** Takes over a socket that may speak MQTT over WebSocket. */
export type OnUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer, client: LiveClient) => void;

/** Why an upgrade is refused. */
interface Refused {
  readonly status: number;
  readonly detail: string;
}

/** Decides whether an upgrade may have the live bus, and as whom. */
export function admit(request: IncomingMessage, appliance: Pick<Appliance, 'who'>): LiveClient | Refused {
  const { headers } = request;
  const refused = (status: number, detail: string): Refused => ({ status, detail });
  if (placeHost(headers.host).kind !== 'own') return refused(403, 'This name is not a name of the appliance');
  if (request.url?.split('?')[0] !== '/mqtt') return refused(404, 'The live bus is at /mqtt');
  if (!isOurs(request)) return refused(403, 'The request did not come from a page of this appliance');
  const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim());
  if (headers.upgrade?.toLowerCase() !== 'websocket' || !protocols.includes('mqtt')) {
    return refused(400, 'wanted a WebSocket with the subprotocol mqtt');
  }
  const token = tokenOf(request);
  const caller = token === undefined ? undefined : appliance.who(token);
  if (token === undefined || caller === undefined) return refused(401, 'Please sign in first');
  const principal = principalOf(token);
  if (may(caller.roles, 'press screen button')) return { role: 'presser', principal };
  if (may(caller.roles, 'read status topics')) return { role: 'viewer', principal };
  return refused(403, 'Your roles do not include the right to read status topics');
}

/** A browser always says its origin here. Who brings a bearer token is no browser's page, and may leave it out. */
function isOurs({ headers }: IncomingMessage): boolean {
  if (headers.origin === undefined) return headers.authorization !== undefined;
  return isSameOrigin(headers.origin, headers.host);
}

/** The live connections of the door, so that they end with it. */
export interface LiveConnections {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  destroyAll(): void;
}

/** The most live connections at once. */
const MOST = 256;

/** Opens the way from the web door to the broker. */
export function openUpgrades(
  appliance: Pick<Appliance, 'who'>,
  onUpgrade: OnUpgrade,
  log: DoorLog,
): LiveConnections {
  const sockets = new Set<Duplex>();
  return {
    upgrade(request, socket, head) {
      socket.on('error', () => socket.destroy());
      const client: LiveClient | Refused =
        sockets.size < MOST
          ? admit(request, appliance)
          : { status: 503, detail: `There are ${MOST} live connections already` };
      if ('status' in client) {
        endWithProblem(socket, client.status, client.detail);
        return;
      }
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      try {
        onUpgrade(request, socket, head, client);
      } catch (error) {
        log.error({ err: error }, 'web: the live bus did not take a connection over');
        socket.destroy();
      }
    },
    destroyAll() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Writes a problem on a raw socket, and ends it. */
export function endWithProblem(socket: Duplex, status: number, detail: string): void {
  const body = JSON.stringify(composeProblem(status, detail));
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ];
  if (socket.writable) socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
  else socket.destroy();
}

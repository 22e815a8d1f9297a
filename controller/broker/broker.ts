import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Aedes } from 'aedes';
import type { Endpoint } from '#contract/environment.ts';
import { composePayload } from '#contract/payload.ts';
import { TOPICS, type TopicName, topicPrefix } from '#contract/topics.ts';
import { connectionBudget, type Listener } from './budget.ts';
import { type Gatekeeper, type GatekeeperOptions, openGatekeeper } from './gatekeeper.ts';
import { type DoorServer, listenLoopback, listenUnix } from './listeners.ts';
import { publishInOrder } from './publish-lane.ts';
import { type NewSeat, openSeats, type Seat, type Seats } from './seats.ts';
import { TOPIC_LIMITS } from './topic-form.ts';
import { openWebSocketDoor } from './websocket.ts';

const CONNECT_WITHIN_MS = 5000;

export interface BrokerOptions
  extends Pick<GatekeeperOptions, 'box' | 'token' | 'clock' | 'onPressed' | 'log'> {
  /** In a folder that only the appliance's own users can enter; made when missing. At most 107 octets. */
  readonly socketPath: string;
  /** A loopback address, for the roles of the data folder's token; port 0 takes any free one. */
  readonly tcp: Endpoint | undefined;
  readonly onScreenButton?: GatekeeperOptions['onScreenButton'];
}

/** Who the web door found behind an upgrade request. `principal` is one per session. */
export interface BusGuest {
  readonly role: 'viewer' | 'presser';
  readonly principal: string;
}

/** The live bus. Nothing durable rests on it: state is published again from the records at every start. */
export interface Broker {
  /**
   * Says `value` on the topic, retained and with the QoS that the contract gives it. Messages leave in the order
   * of the calls.
   * @throws PayloadRefused when the topic's schema does not allow the value
   */
  publish(topicName: TopicName, value: unknown): Promise<void>;
  /** Takes over a request for `/mqtt` whose origin and session the web door has checked. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, guest: BusGuest): void;
  /** Cuts every connection of a session, as at sign-out. */
  closePrincipal(principal: string): void;
  connections(): Readonly<Record<Listener, number>>;
  /** The loopback port in use; undefined without one. */
  readonly tcpPort: number | undefined;
  close(): Promise<void>;
}

/** @throws BrokerError when a port or the socket is taken or cannot be listened on */
export async function openBroker(options: BrokerOptions): Promise<Broker> {
  const seats = openSeats(connectionBudget());
  const onScreenButton = options.onScreenButton ?? (() => {});
  const gatekeeper = openGatekeeper({ ...options, seats, onScreenButton });
  const aedes = await openAedes(gatekeeper, seats, options.log);

  async function publish(topicName: TopicName, value: unknown): Promise<void> {
    const payload = composePayload(topicName, value);
    const { retained, qos } = TOPICS[topicName];
    await publishOne(aedes, { topic: `${topicPrefix(options.box)}/${topicName}`, payload, retained, qos });
  }

  /** A page that goes away while its button is down must not look like a hold. */
  function letGo(seat: Seat | undefined): void {
    if (!seat?.holdsScreenButton || aedes.closed) return;
    onScreenButton('up');
    publish('screen/button', 'up').catch((error: unknown) => {
      options.log('screen button not let go', { reason: String(error) });
    });
  }

  function take(transport: Duplex, newcomer: NewSeat): void {
    const connection = seats.take(transport, newcomer);
    if (!connection) {
      options.log('connection refused: no place left', { listener: newcomer.listener });
      return;
    }
    connection.once('close', () => letGo(seats.of(connection)));
    aedes.handle(connection);
  }

  const webSockets = openWebSocketDoor();
  const doors = await openDoors(options, take).catch(async (error: unknown) => {
    await closeAedes(aedes);
    throw error;
  });

  return {
    publish,
    upgrade: (request, socket, head, guest) => {
      const address = request.socket.remoteAddress ?? 'unknown';
      webSockets.upgrade(request, socket, head, (stream) =>
        take(stream, { listener: 'web', address, ...guest }),
      );
    },
    closePrincipal: (principal) => seats.closeWhere((seat) => seat.principal === principal),
    connections: () => seats.counts(),
    tcpPort: doors.tcp?.port,
    close: async () => {
      const closed = [doors.unix.close(), doors.tcp?.close()];
      await closeAedes(aedes);
      webSockets.close();
      seats.closeWhere(() => true);
      await Promise.all(closed);
    },
  };
}

async function openAedes(gatekeeper: Gatekeeper, seats: Seats, log: BrokerOptions['log']): Promise<Aedes> {
  const aedes = await Aedes.createBroker({
    ...gatekeeper.hooks,
    connectTimeout: CONNECT_WITHIN_MS,
    maxTopicLevels: TOPIC_LIMITS.levels,
    maxInflightInbound: 32,
  });
  publishInOrder(aedes, gatekeeper.isSwallowed);
  aedes.on('unsubscribe', (topicFilters, client) => {
    for (const topicFilter of topicFilters) seats.of(client.conn)?.topicFilters.delete(topicFilter);
  });
  const refused = (client: { readonly id: string; readonly conn: Duplex }, error: Error) =>
    log('client cut', { role: seats.of(client.conn)?.role, client: client.id, reason: error.message });
  aedes.on('clientError', refused);
  aedes.on('connectionError', refused);
  (aedes as NodeJS.EventEmitter).on('error', (error: Error) =>
    log('broker fault', { reason: error.message }),
  );
  return aedes;
}

async function openDoors(
  options: BrokerOptions,
  take: (transport: Duplex, newcomer: NewSeat) => void,
): Promise<{ readonly unix: DoorServer; readonly tcp: DoorServer | undefined }> {
  const unix = await listenUnix(options.socketPath, (socket) =>
    take(socket, { listener: 'panel', role: 'panel', principal: 'panel', address: 'unix' }),
  );
  if (!options.tcp) return { unix, tcp: undefined };
  try {
    const tcp = await listenLoopback(options.tcp, (socket) =>
      take(socket, {
        listener: 'local',
        role: 'local',
        principal: 'local',
        address: socket.remoteAddress ?? 'unknown',
      }),
    );
    return { unix, tcp };
  } catch (error) {
    await unix.close();
    throw error;
  }
}

interface Message {
  readonly topic: string;
  readonly payload: string;
  readonly retained: boolean;
  readonly qos: 0 | 1;
}

function publishOne(aedes: Aedes, { retained, ...message }: Message): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  aedes.publish({ cmd: 'publish', dup: false, retain: retained, ...message }, (error) =>
    error ? reject(error) : resolve(),
  );
  return promise;
}

function closeAedes(aedes: Aedes): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  aedes.close(resolve);
  return promise;
}

import type { AedesOptions, Client, ConnectPacket } from 'aedes';
import type { ButtonPressed } from '#contract/topics.ts';
import { connectRefusal, connectTextTrouble } from './connect-rules.ts';
import { pressGate } from './presses.ts';
import { rightsOf } from './rights.ts';
import type { Seat, Seats } from './seats.ts';
import { topicFilterTrouble, topicNameTrouble } from './topic-form.ts';
import { readPublish, type Said } from './wire-payload.ts';

/** Octets waiting for one client at which it is cut, before it makes the others wait. */
const SLOW_CONSUMER_OCTETS = 524_288;
const TOPIC_FILTERS_MOST = 64;

export interface GatekeeperOptions {
  readonly box: string;
  readonly token: string;
  readonly seats: Seats;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly onPressed: (press: ButtonPressed) => void;
  readonly onScreenButton: (edge: 'down' | 'up') => void;
  readonly log: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
}

type Hooks = Required<
  Pick<
    AedesOptions,
    'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe' | 'authorizeForward'
  >
>;

export interface Gatekeeper {
  readonly hooks: Hooks;
  /** Packets that were acknowledged but must not be passed on: presses that are stale or were heard before. */
  isSwallowed(packet: object): boolean;
}

/**
 * Everything a client may be refused, as the broker's hooks. Each answers within the same turn, so that an old
 * session's will is out before its successor's first word.
 */
export function openGatekeeper(options: GatekeeperOptions): Gatekeeper {
  const { box, token, seats } = options;
  const rights = rightsOf(box);
  const swallowed = new WeakSet<object>();
  const isFresh = openEar(options);
  const seatOf = (client: Client) => seats.of(client.conn);

  const hooks: Hooks = {
    preConnect(client, connect: ConnectPacket, answer) {
      const seat = seatOf(client);
      const trouble = seat ? connectTextTrouble(connect) : 'wanted a connection from a listener';
      if (seat) seat.connect = connect;
      answer(trouble ? new Error(trouble) : null, trouble === undefined);
    },
    authenticate(client, _username, _password, answer) {
      const seat = seatOf(client);
      const connect = seat?.connect;
      if (!seat || !connect) return answer(refusal(5, 'wanted a connection from a listener'), false);
      const refused = connectRefusal(connect, seat, { rights, box, token });
      if (refused) return answer(refusal(refused.returnCode, refused.reason), false);
      const isFree = connect.clientId === '' || seats.claim(client.conn, connect.clientId);
      answer(isFree ? null : refusal(2, `client id "${connect.clientId}" is somebody else's`), isFree);
    },
    authorizePublish(client, packet, answer) {
      const seat = client && seatOf(client);
      if (!seat) return answer(new Error('wanted a publisher from a listener'));
      const trouble = topicNameTrouble(packet.topic);
      if (trouble) return answer(new Error(trouble));
      if (!rights.mayPublish(seat.role, packet.topic, packet.retain)) {
        const retained = packet.retain ? ' retained' : '';
        return answer(new Error(`${seat.role} may not publish${retained} to ${packet.topic}`));
      }
      answer(
        attempt(() => {
          if (!isFresh(readPublish(box, packet), seat)) swallowed.add(packet);
        }),
      );
    },
    authorizeSubscribe(client, subscription, answer) {
      const seat = seatOf(client);
      const topicFilter = subscription.topic;
      const trouble = topicFilterTrouble(topicFilter);
      if (trouble) return answer(new Error(trouble));
      const isKnown = seat?.topicFilters.has(topicFilter) === true;
      const isFull = seat !== undefined && !isKnown && seat.topicFilters.size >= TOPIC_FILTERS_MOST;
      if (!seat || isFull || !rights.maySubscribe(seat.role, topicFilter)) return answer(null, null);
      seat.topicFilters.add(topicFilter);
      answer(null, subscription);
    },
    authorizeForward(client, packet) {
      const seat = seatOf(client);
      if (!seat || !rights.mayReceive(seat.role, packet.topic)) return null;
      if (client.conn.writableLength <= SLOW_CONSUMER_OCTETS) return packet;
      setImmediate(() => client.conn.destroy(new Error('slow consumer')));
      return null;
    },
  };
  return { hooks, isSwallowed: (packet) => swallowed.has(packet) };
}

/** Tells the appliance what it must hear; false for a press that must not be passed on. */
function openEar({ clock, onPressed, onScreenButton, log }: GatekeeperOptions) {
  const gate = pressGate(clock);
  return (said: Said, seat: Seat): boolean => {
    if (said.topicName === 'screen/button') {
      seat.holdsScreenButton = said.value === 'down';
      onScreenButton(said.value as 'down' | 'up');
    }
    if (said.topicName !== 'button/pressed') return true;
    const press = said.value as ButtonPressed;
    const standing = gate(press);
    if (standing === 'fresh') onPressed(press);
    else log('press not passed on', { standing, boot: press.boot, sequence: press.sequence });
    return standing === 'fresh';
  };
}

function refusal(returnCode: number, reason: string): Error & { returnCode: number } {
  return Object.assign(new Error(reason), { returnCode });
}

/** The error that `action` threw, for a hook that answers with it: the client is cut and the reason recorded. */
function attempt(action: () => void): Error | null {
  try {
    action();
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

import type { Duplex } from 'node:stream';
import type { ConnectPacket } from 'aedes';
import type { BusRole } from '#contract/topics.ts';
import type { Budget, Listener } from './budget.ts';
import { guardFraming } from './framing.ts';

/** One connection, from the moment its listener took it: who it is never comes from what it says. */
export interface Seat {
  readonly listener: Listener;
  readonly role: BusRole;
  /** Who holds it: a session of the web door, or the listener's own name. */
  readonly principal: string;
  readonly address: string;
  readonly topicFilters: Set<string>;
  connect: ConnectPacket | undefined;
  /** Whether it pressed the screen panel's button and has not let go. */
  holdsScreenButton: boolean;
}

export type NewSeat = Pick<Seat, 'listener' | 'role' | 'principal' | 'address'>;

export interface Seats {
  /** Seats `transport`, or destroys it when its listener or address has no place left. */
  take(transport: Duplex, newcomer: NewSeat): Duplex | undefined;
  /** Answers after the connection closed too: its will is judged then. */
  of(connection: Duplex): Seat | undefined;
  /** Whether `clientId` is free for this connection's principal; a client id is held until its connection closes. */
  claim(connection: Duplex, clientId: string): boolean;
  closeWhere(matches: (seat: Seat) => boolean): void;
  counts: Budget['counts'];
}

export function openSeats(budget: Budget): Seats {
  const seats = new WeakMap<Duplex, Seat>();
  const open = new Set<Duplex>();
  const holders = new Map<string, Set<Seat>>();

  function release(connection: Duplex, clientId: string, seat: Seat): void {
    connection.once('close', () => {
      const held = holders.get(clientId);
      held?.delete(seat);
      if (held?.size === 0) holders.delete(clientId);
    });
  }

  return {
    take(transport, newcomer) {
      const giveBack = budget.take(newcomer.listener, newcomer.address);
      if (!giveBack) {
        transport.on('error', () => transport.destroy());
        transport.destroy();
        return undefined;
      }
      const connection = guardFraming(transport);
      seats.set(connection, {
        ...newcomer,
        topicFilters: new Set(),
        connect: undefined,
        holdsScreenButton: false,
      });
      open.add(connection);
      connection.once('close', () => {
        open.delete(connection);
        giveBack();
      });
      return connection;
    },
    of: (connection) => seats.get(connection),
    claim(connection, clientId) {
      const seat = seats.get(connection);
      if (!seat) return false;
      const held = holders.get(clientId) ?? new Set<Seat>();
      if ([...held].some((other) => other.principal !== seat.principal)) return false;
      holders.set(clientId, held.add(seat));
      release(connection, clientId, seat);
      return true;
    },
    closeWhere(matches) {
      for (const connection of open) {
        const seat = seats.get(connection);
        if (seat && matches(seat)) connection.destroy();
      }
    },
    counts: () => budget.counts(),
  };
}
